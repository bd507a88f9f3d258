#include "service_log/retention.h"

#include <gtest/gtest.h>

namespace sluice::service_log {
namespace {

TEST(RetiredFile, NameCarriesNumberAndTime) {
    const RetiredFile file{63, 915107696, 0};
    EXPECT_EQ(retired_name("imap", file), "imap.63.915107696");
    EXPECT_EQ(parse_retired_name("imap", "imap.63.915107696"), file);
    for (const char* other :
         {"imap", "imap.63", "imap.lock", "imap.63.915107696.gz", "imap.x.1", "imap.1.x",
          "imapd.1.1", "pop.1.1", "imap..1"})
        EXPECT_FALSE(parse_retired_name("imap", other)) << other;
}

TEST(Rotation, BySizeOrAgeWhicheverIsFirst) {
    ServiceSettings settings;
    settings.max_file_size = 1000;
    settings.rollover_time = std::chrono::seconds(100);
    EXPECT_FALSE(must_rotate({900, 0}, 100, 99, settings));
    EXPECT_TRUE(must_rotate({900, 0}, 101, 0, settings));
    EXPECT_TRUE(must_rotate({1, 0}, 1, 100, settings));
    EXPECT_FALSE(must_rotate({0, 0}, 5000, 1000, settings)) << "an empty file takes anything";
}

class Retention : public testing::Test {
protected:
    Retention() {
        settings_.max_files = 100;
        settings_.max_total_size = 1'000'000;
        settings_.min_free_space = 0;
        settings_.expiry_time = std::chrono::seconds(1'000'000);
        // In no order, as a directory gives them; 9 is older than 10.
        state_.retired = {{10, 400, 100}, {9, 300, 100}, {11, 500, 100}};
        state_.current = {50, 600};
        state_.free_space = 1000;
    }
    std::vector<std::uint64_t> removed() {
        std::vector<std::uint64_t> numbers;
        for (const RetiredFile& file : files_to_remove(state_, now_, settings_).files)
            numbers.push_back(file.number);
        return numbers;
    }
    using Numbers = std::vector<std::uint64_t>;

    ServiceSettings settings_;
    DiskState state_;
    std::int64_t now_ = 700;
};

TEST_F(Retention, WithinAllLimitsNothingGoes) {
    EXPECT_EQ(removed(), Numbers());
}

TEST_F(Retention, TooManyFilesTheCurrentOneIncluded) {
    settings_.max_files = 2;
    EXPECT_EQ(removed(), (Numbers{9, 10}));
    settings_.max_files = 1;
    EXPECT_EQ(removed(), (Numbers{9, 10, 11}));
}

TEST_F(Retention, TooMuchInAll) {
    settings_.max_total_size = 349;
    EXPECT_EQ(removed(), (Numbers{9}));
    settings_.max_total_size = 10;
    EXPECT_EQ(removed(), (Numbers{9, 10, 11})) << "the current file is never removed";
}

TEST_F(Retention, TooOld) {
    settings_.expiry_time = std::chrono::seconds(300);
    EXPECT_EQ(removed(), (Numbers{9}));
    now_ = 10000;
    EXPECT_EQ(removed(), (Numbers{9, 10, 11}));
}

TEST_F(Retention, TooLittleSpace) {
    settings_.min_free_space = 1150;
    EXPECT_EQ(removed(), (Numbers{9, 10}));
    EXPECT_FALSE(files_to_remove(state_, now_, settings_).still_too_little_space);
    settings_.min_free_space = 5000;
    EXPECT_EQ(removed(), (Numbers{9, 10, 11}));
    EXPECT_TRUE(files_to_remove(state_, now_, settings_).still_too_little_space);
}

}  // namespace
}  // namespace sluice::service_log
