#include "postoffice_log/daily_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "base/file.h"

namespace sluice::postoffice_log {
namespace {

WallTime utc(int month, int day, int hour) {
    using namespace std::chrono;
    return WallTime(sys_days(year(2026) / month / day) + hours(hour));
}

class Daily : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "sluice-daily-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        settings_.directory = pattern;
        settings_.zone = TimeZone::fixed(std::chrono::hours(-8));
    }
    void TearDown() override { std::filesystem::remove_all(settings_.directory); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return settings_.directory + '/' + name;
    }
    [[nodiscard]] std::string text(const std::string& name) const {
        return read_file(path(name)).value_or("");
    }
    void make_old_file(const std::string& name, int days) const {
        std::ofstream(path(name)) << "old\n";
        timespec times[2]{};
        times[0].tv_sec = times[1].tv_sec = std::time(nullptr) - 86400L * days;
        ::utimensat(AT_FDCWD, path(name).c_str(), times, 0);
    }

    DailyFileSettings settings_;
};

TEST_F(Daily, BeginsAtLocalMidnight) {
    DailyFile file(settings_);
    file.post(utc(2, 26, 7), "evening of the 25th\n");
    file.post(utc(2, 26, 8), "midnight\n");
    file.flush();
    EXPECT_EQ(text("post.office-0225.log"), "evening of the 25th\n");
    EXPECT_EQ(text("post.office-0226.log"), "midnight\n");
}

TEST_F(Daily, FileOfAnotherYearIsPutAside) {
    make_old_file("post.office-0226.log", 365);
    const int year =
        civil_time(
            WallTime(std::chrono::seconds(std::time(nullptr) - 86400L * 365)), settings_.zone
        )
            .year;
    DailyFile file(settings_);
    file.post(utc(2, 26, 12), "new\n");
    file.flush();
    EXPECT_EQ(text("post.office-0226.log"), "new\n");
    EXPECT_EQ(text("post.office-0226.log." + std::to_string(year)), "old\n");
}

TEST_F(Daily, FileOfTheSameDayGoesOn) {
    make_old_file("post.office-0226.log", 0);
    DailyFile file(settings_);
    file.post(utc(2, 26, 12), "new\n");
    file.flush();
    EXPECT_EQ(text("post.office-0226.log"), "old\nnew\n");
}

TEST_F(Daily, RemovesOnlyItsOwnFilesWhenTheyAreTooOld) {
    make_old_file("post.office-0101.log", 31);
    make_old_file("post.office-0102.log.2025", 31);
    make_old_file("post.office-0103.log", 29);
    make_old_file("post.office-notes.log", 31);
    make_old_file("mail.log", 31);
    settings_.keep = std::chrono::days(30);
    DailyFile file(settings_);
    file.post(utc(2, 26, 12), "new\n");
    file.flush();
    EXPECT_FALSE(file_exists(path("post.office-0101.log")));
    EXPECT_FALSE(file_exists(path("post.office-0102.log.2025")));
    EXPECT_TRUE(file_exists(path("post.office-0103.log")));
    EXPECT_TRUE(file_exists(path("post.office-notes.log")));
    EXPECT_TRUE(file_exists(path("mail.log")));
}

TEST_F(Daily, LinesOfAnotherYearAreNeverOverwritten) {
    make_old_file("post.office-0226.log", 365);
    const int year =
        civil_time(
            WallTime(std::chrono::seconds(std::time(nullptr) - 86400L * 365)), settings_.zone
        )
            .year;
    const std::string aside = "post.office-0226.log." + std::to_string(year);
    std::ofstream(path(aside)) << "older still\n";
    DailyFile file(settings_);
    file.post(utc(2, 26, 12), "new\n");
    file.flush();
    EXPECT_EQ(text(aside), "older still\n");
    EXPECT_EQ(text("post.office-0226.log"), "old\nnew\n");
}

}  // namespace
}  // namespace sluice::postoffice_log
