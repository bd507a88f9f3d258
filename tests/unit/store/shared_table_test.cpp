#include "store/shared_table.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "support/scratch_directory.h"

namespace sluice::store {
namespace {

constexpr std::size_t room = 16UL << 20U;

void add_one(SharedTable::View& view) {
    const auto text = view.get("count");
    const auto count = text ? parse_unsigned(*text).value_or(0) : 0;
    view.put("count", std::to_string(count + 1));
}

class SharedTableTest : public testing::Test {
protected:
    std::unique_ptr<SharedTable> open() {
        auto opened = SharedTable::open(path_, room);
        EXPECT_TRUE(opened.has_value());
        return opened ? std::move(*opened) : nullptr;
    }
    static std::optional<std::string> count(SharedTable& table) {
        std::optional<std::string> found;
        EXPECT_TRUE(table.change([&](SharedTable::View& view) { found = view.get("count"); }));
        return found;
    }
    /// In a process of its own, which then ends as `make` says.
    int in_child(const std::function<void(SharedTable&)>& make) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto opened = SharedTable::open(path_, room);
            if (opened) make(**opened);
            ::_exit(opened ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    test::ScratchDirectory directory_;
    const std::string path_ = directory_.path("table.mdb");
    const std::string gate_ = path_ + "-gate";
};

TEST_F(SharedTableTest, KeepsWhatWasPut) {
    ASSERT_TRUE(open()->change([](SharedTable::View& view) {
        view.put("a/1", "x");
        view.put("a/2", "y");
        view.put("b/1", "z");
        view.erase("a/1");
        view.erase("none");
    }));
    std::string seen;
    ASSERT_TRUE(open()->change([&](SharedTable::View& view) {
        view.for_each("a/", [&](auto key, auto value) {
            seen += std::string(key) + std::string(value);
        });
        EXPECT_EQ(view.first("a/"), "a/2");
        EXPECT_EQ(view.first("b"), "b/1");
        EXPECT_EQ(view.first("c"), std::nullopt);
    }));
    EXPECT_EQ(seen, "a/2y");
}

TEST_F(SharedTableTest, ProcessesAndThreadsCountTogether) {
    constexpr int each = 200;
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto table = SharedTable::open(path_, room);
            for (int n = 0; table && n < each; ++n) {
                if (!(*table)->change(add_one)) ::_exit(2);
            }
            ::_exit(table ? 0 : 1);
        }
        children.push_back(child);
    }
    const auto one = open();
    const auto other = open();
    std::thread thread([&] {
        for (int n = 0; n < each; ++n) EXPECT_TRUE(other->change(add_one));
    });
    for (int n = 0; n < each; ++n) EXPECT_TRUE(one->change(add_one));
    thread.join();
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(count(*one), std::to_string(each * 5));
}

TEST_F(SharedTableTest, SurvivesOneWhoDiesInAChange) {
    const auto table = open();
    ASSERT_TRUE(table->change(add_one));
    EXPECT_EQ(
        in_child([](SharedTable& its) {
            (void)its.change([](SharedTable::View& view) {
                add_one(view);
                ::_exit(7);
            });
        }),
        7
    );
    EXPECT_EQ(count(*table), "1") << "the change was not made, what was there stays";
}

TEST_F(SharedTableTest, BeginsAnewWhenChangesKillWhoMakesThem) {
    ASSERT_TRUE(open()->change(add_one));
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(
            in_child([](SharedTable& its) {
                (void)its.change([](SharedTable::View&) { ::_exit(7); });
            }),
            i == 0 ? 7 : 7
        );
        // The next who opens it must not mend what the one before left behind.
        if (i == 0) {
            std::ifstream file(gate_);
            std::string text((std::istreambuf_iterator<char>(file)), {});
            EXPECT_EQ(text.back(), '1');
            text.back() = '2';
            std::ofstream(gate_) << text;
        }
    }
    EXPECT_EQ(count(*open()), std::nullopt);
}

TEST_F(SharedTableTest, BeginsAnewAfterAStartOfTheMachine) {
    const auto table = open();
    ASSERT_TRUE(table->change(add_one));
    std::fstream file(gate_, std::ios::in | std::ios::out);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    text[text.find('\n') + 1] ^= 1;
    file.seekp(0);
    file << text << std::flush;
    EXPECT_EQ(count(*table), std::nullopt);
}

TEST_F(SharedTableTest, GoesOnWhenItsFilesAreRemoved) {
    const auto table = open();
    const auto other = open();
    for (const std::string& removed : {path_, gate_}) {
        ASSERT_TRUE(table->change(add_one));
        ASSERT_TRUE(std::filesystem::remove(removed));
        EXPECT_EQ(count(*table), std::nullopt) << removed;
        ASSERT_TRUE(table->change(add_one));
        EXPECT_EQ(count(*other), "1") << removed;
    }
    std::filesystem::remove(path_);
    std::filesystem::remove(gate_);
    ASSERT_TRUE(other->change(add_one));
    EXPECT_EQ(count(*table), "1");
}

TEST_F(SharedTableTest, GoesOnWhenItsFileIsCut) {
    const auto table = open();
    ASSERT_TRUE(table->change(add_one));
    ASSERT_TRUE(table->change(add_one));
    for (const std::uintmax_t size : {12288U, 4096U, 100U, 0U}) {
        if (std::filesystem::file_size(path_) <= size) continue;
        std::filesystem::resize_file(path_, size);
        EXPECT_EQ(count(*table), std::nullopt) << size;
        ASSERT_TRUE(table->change(add_one));
    }
}

TEST_F(SharedTableTest, GoesOnWhenItIsNoTable) {
    std::ofstream(path_) << std::string(8192, 'x');
    std::ofstream(gate_) << "anything";
    ASSERT_TRUE(open()->change(add_one));
    EXPECT_EQ(count(*open()), "1");
}

TEST_F(SharedTableTest, BeginsAnewWhenItIsFull) {
    auto small = SharedTable::open(path_, 64UL << 10U);
    ASSERT_TRUE(small.has_value());
    bool was_full = false;
    for (int i = 0; i < 100 && !was_full; ++i)
        was_full = !(*small)->change([&](SharedTable::View& view) {
            view.put("key" + std::to_string(i), std::string(1000, 'x'));
        });
    EXPECT_TRUE(was_full);
    EXPECT_TRUE((*small)->change(add_one));
    EXPECT_EQ(count(**small), "1");
}

TEST_F(SharedTableTest, SaysWhenItCannotBeOpened) {
    EXPECT_FALSE(SharedTable::open(directory_.path("none/table.mdb"), room).has_value());
}

}  // namespace
}  // namespace sluice::store
