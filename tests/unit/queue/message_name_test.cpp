#include "queue/message_name.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>

#include "queue/unique_ids.h"

namespace sluice::queue {
namespace {

struct NameRow {
    const char* text;
    unsigned attempts;
    const char* unique;
    const char* suffix;
    MessageState state;
};

class MessageNames : public testing::TestWithParam<NameRow> {};

TEST_P(MessageNames, AreTakenApartAndPutTogether) {
    const NameRow& row = GetParam();
    const auto name = MessageName::parse(row.text);
    ASSERT_TRUE(name);
    EXPECT_EQ(name->attempts, row.attempts);
    EXPECT_EQ(name->unique, row.unique);
    EXPECT_EQ(name->suffix, row.suffix);
    EXPECT_EQ(name->state(), row.state);
    EXPECT_EQ(name->to_string(), row.text);
}

INSTANTIATE_TEST_SUITE_P(
    Good,
    MessageNames,
    testing::Values(
        NameRow{"ZZ01IWFY9ELGWM00094D.00", 0, "01IWFY9ELGWM00094D", "00", MessageState::eligible},
        NameRow{"ZY01IS3D2ZP7FQ9UN54R.00", 1, "01IS3D2ZP7FQ9UN54R", "00", MessageState::eligible},
        NameRow{"ZX01IS67NY4RRK9UN7GP.00", 2, "01IS67NY4RRK9UN7GP", "00", MessageState::eligible},
        NameRow{"ZZ0F7O00I03CJHZD.00", 0, "0F7O00I03CJHZD", "00", MessageState::eligible},
        NameRow{"ZZ0FRW00A03G2EUS.00", 0, "0FRW00A03G2EUS", "00", MessageState::eligible},
        // A misprint in the manual; by the grammar it has had 35 attempts.
        NameRow{"Z01ISKLSKLZLI90N15M.00", 35, "1ISKLSKLZLI90N15M", "00", MessageState::eligible},
        NameRow{"ZZ84PHKX1L3Q0A0001.HELD", 0, "84PHKX1L3Q0A0001", "HELD", MessageState::held},
        NameRow{"ZZ84PHKX1L3Q0A0001.06", 0, "84PHKX1L3Q0A0001", "06", MessageState::eligible},
        NameRow{"ZW84PHKX1L3Q0A0001.BAD", 3, "84PHKX1L3Q0A0001", "BAD", MessageState::bad}
    )
);

TEST(MessageName, ForeignNamesFitNoPattern) {
    for (const char* text :
         {"", ".00", "ZZ.00", "Z.00", "zz84PHKX1L3Q0A0001.00", "ZZ84PHKX1L3Q0A0001",
          "ZZ84PHKX1L3Q0A0001.", "ZZ84PHKX1L3Q0A0001.0", "ZZ84PHKX1L3Q0A0001.000",
          "ZZ84PHKX1L3Q0A0001.held", "ZZ84PHKX1L3Q0A0001.00~", "ZZ84PHKX1L3Q0A0001.00.00",
          "ZZ84PHKX1L3Q-A0001.00", "ZZ123456789012345678901234567890123.00", "core", ".nfs0001"}) {
        EXPECT_FALSE(MessageName::parse(text)) << text;
    }
    EXPECT_FALSE(MessageName::parse(std::string_view("ZZ84PHKX1L3Q\0A0001.00", 21)));
}

TEST(MessageName, AttemptsCountDownInBase36) {
    struct Row {
        unsigned attempts;
        const char* prefix;
    };
    constexpr std::array rows = {Row{0, "ZZ"},  Row{1, "ZY"},    Row{2, "ZX"},   Row{10, "ZP"},
                                 Row{25, "ZA"}, Row{35, "Z0"},   Row{36, "YZ"},  Row{71, "Y0"},
                                 Row{72, "XZ"}, Row{1294, "01"}, Row{1295, "00"}};
    for (const Row& row : rows) {
        EXPECT_EQ(format_attempts(row.attempts), row.prefix);
        EXPECT_EQ(parse_attempts(row.prefix), row.attempts);
    }
}

TEST(MessageName, AttemptsRoundTripAndSaturate) {
    std::string previous = "~~";
    for (unsigned n = 0; n <= 1300; ++n) {
        const std::string prefix = format_attempts(n);
        EXPECT_EQ(parse_attempts(prefix), std::min(n, max_attempts));
        if (n <= max_attempts) {
            EXPECT_LT(prefix, previous);
        }
        previous = prefix;
    }
}

TEST(MessageLocation, IsAPathBelowTheRoot) {
    const auto location = MessageLocation::parse("tcp_local/007/ZY84PHKX1L3Q0A0001.00");
    ASSERT_TRUE(location);
    EXPECT_EQ(location->path("/q"), "/q/tcp_local/007/ZY84PHKX1L3Q0A0001.00");
    EXPECT_EQ(location->relative_path(), "tcp_local/007/ZY84PHKX1L3Q0A0001.00");
    const auto old_layout = MessageLocation::parse("l/ZZ84PHKX1L3Q0A0001.00");
    ASSERT_TRUE(old_layout);
    EXPECT_EQ(old_layout->path("/q"), "/q/l/ZZ84PHKX1L3Q0A0001.00");
    for (const char* bad :
         {"ZZ84PHKX1L3Q0A0001.00", "../000/ZZ84PHKX1L3Q0A0001.00", "l/tmp/ZZ84PHKX1L3Q0A0001.00",
          "l/000/x/ZZ84PHKX1L3Q0A0001.00", "l//ZZ84PHKX1L3Q0A0001.00"}) {
        EXPECT_FALSE(MessageLocation::parse(bad)) << bad;
    }
}

WallTime vector_time() {
    return std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + std::chrono::hours(10) +
           std::chrono::minutes(11) + std::chrono::seconds(7) + std::chrono::microseconds(204118);
}

TEST(UniqueIds, AreTimeNodeAndSequence) {
    UniqueIds ids("0A");
    const std::string id = ids.next(vector_time());
    EXPECT_EQ(id, "84PHKX1L3Q0A0001");
    EXPECT_EQ(arrival_time(id), vector_time());
    EXPECT_EQ(ids.next(vector_time()), "84PHKX1L3Q0A0002");
    EXPECT_FALSE(arrival_time("01IWFY9ELGWM00094D"));
}

TEST(UniqueIds, AreDistinctOverThreads) {
    UniqueIds ids("ZZ");
    std::array<std::vector<std::string>, 4> made;
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&ids, &mine] {
            for (int i = 0; i < 5000; ++i) mine.push_back(ids.next(vector_time()));
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> all;
    for (const auto& mine : made) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), 20000U);
}

TEST(SubDirectories, ShareAThousandFilesEvenly) {
    UniqueIds ids("0A");
    std::array<unsigned, 10> count{};
    for (unsigned i = 0; i < 1000; ++i) {
        ++count.at(
            sub_directory_for(ids.next(vector_time() + std::chrono::microseconds(i * 977)), 10)
        );
    }
    for (const unsigned one : count) {
        EXPECT_GE(one, 60U);
        EXPECT_LE(one, 140U);
    }
    for (unsigned& one : count) one = 0;
    for (unsigned i = 0; i < 1000; ++i) ++count.at(sub_directory_for("F" + std::to_string(i), 10));
    for (const unsigned one : count) {
        EXPECT_GE(one, 60U);
        EXPECT_LE(one, 140U);
    }
    EXPECT_EQ(sub_directory_for("84PHKX1L3Q0A0001", 1), 0U);
    EXPECT_EQ(sub_directory_for("84PHKX1L3Q0A0001", 0), 0U);
    EXPECT_EQ(sub_directory_name(7), "007");
}

// A batch that is committed together needs few directories synced.
TEST(SubDirectories, MessagesThatArriveTogetherShareOne) {
    UniqueIds ids("0A");
    std::set<unsigned> used;
    for (unsigned i = 0; i < 100; ++i) {
        used.insert(
            sub_directory_for(ids.next(vector_time() + std::chrono::microseconds(i * 50)), 20)
        );
    }
    EXPECT_LE(used.size(), 2U);
}

}  // namespace
}  // namespace sluice::queue
