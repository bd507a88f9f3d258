#include "base/log_versions.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice {
namespace {

using std::chrono::seconds;

TEST(LogVersion, IdsSortByTime) {
    const WallTime begin = WallTime(seconds(1'700'000'000));
    EXPECT_LT(version_id(begin, 99999), version_id(begin + std::chrono::microseconds(1), 1));
    EXPECT_LT(version_id(begin, 1), version_id(begin + seconds(800'000'000), 1));
    EXPECT_EQ(version_id(begin, 1).size(), version_id_length);
}

TEST(LogVersion, IsRecognisedByItsEnding) {
    const WallTime begin = WallTime(seconds(1'700'000'000));
    const auto version = LogVersion::parse("tcp_local_master.log-" + version_id(begin, 4711));
    ASSERT_TRUE(version);
    EXPECT_EQ(version->base, "tcp_local_master.log");
    EXPECT_EQ(version->started, begin);
}

TEST(LogVersion, OtherFilesAreNone) {
    const std::string id = version_id(WallTime(seconds(1'700'000'000)), 4711);
    for (const std::string& name :
         {"mail.log-" + id, "connection.log-" + id, std::string("mail.log_current"),
          std::string("x.log"), ".log-" + id, "x.log-" + id.substr(1), "x.log-" + id + ".link",
          "x.log_" + id, "x.txt-" + id, "x.log-" + id.substr(0, 13) + "a", std::string()})
        EXPECT_FALSE(LogVersion::parse(name)) << name;
}

class LogVersions : public testing::Test {
protected:
    std::set<std::string> names() const {
        std::set<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(scratch_.path("")))
            found.insert(entry.path().filename());
        return found;
    }
    std::size_t count() const { return list_log_versions(scratch_.path(""))->size(); }

    test::ScratchDirectory scratch_;
    std::string log_ = scratch_.path("x.log");
};

TEST_F(LogVersions, TheLinkLeadsToTheNewest) {
    for (const char* text : {"one", "two"}) {
        auto version = create_log_version(log_, 5);
        ASSERT_TRUE(version);
        ASSERT_TRUE(write_all(version->file.get(), text));
        EXPECT_EQ(*read_file(log_), text);
    }
    EXPECT_EQ(names().size(), 3U);
    EXPECT_TRUE(std::filesystem::is_symlink(log_));
}

TEST_F(LogVersions, OldOnesGoUnlessSomebodyWritesThem) {
    auto held = create_log_version(log_, 2);
    ASSERT_TRUE(held);
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(create_log_version(log_, 2));
    EXPECT_EQ(count(), 3U);
    EXPECT_TRUE(file_exists(held->path));
    held->file.reset();
    ASSERT_TRUE(create_log_version(log_, 2));
    EXPECT_EQ(count(), 2U);
    EXPECT_FALSE(file_exists(held->path));
}

TEST_F(LogVersions, ALockOutlivesTheOneWhoHandedTheFileOver) {
    auto version = create_log_version(log_, 1);
    ASSERT_TRUE(version);
    const UniqueFd of_the_child(::dup(version->file.get()));
    version->file.reset();
    ASSERT_TRUE(create_log_version(log_, 1));
    EXPECT_EQ(count(), 2U);
}

TEST_F(LogVersions, APlainFileBecomesTheOldestVersion) {
    std::ofstream(log_) << "before\n";
    ASSERT_TRUE(create_log_version(log_, 5));
    const auto versions = list_log_versions(scratch_.path(""));
    ASSERT_TRUE(versions);
    ASSERT_EQ(versions->size(), 2U);
    EXPECT_EQ(*read_file(scratch_.path(versions->front().name)), "before\n");
}

TEST_F(LogVersions, OfOneLogOrOfAll) {
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(create_log_version(log_, 0));
        ASSERT_TRUE(create_log_version(scratch_.path("y.log"), 0));
    }
    std::ofstream(scratch_.path("mail.log_current")) << "entries\n";
    EXPECT_EQ(*remove_surplus_versions(scratch_.path(""), 1, "y.log"), 2U);
    EXPECT_EQ(count(), 4U);
    EXPECT_EQ(*remove_surplus_versions(scratch_.path(""), 1), 2U);
    EXPECT_EQ(count(), 2U);
    EXPECT_TRUE(names().contains("mail.log_current"));
}

TEST_F(LogVersions, NoDirectoryIsAnError) {
    EXPECT_FALSE(create_log_version(scratch_.path("none/x.log"), 5));
    EXPECT_FALSE(list_log_versions(scratch_.path("none")));
}

}  // namespace
}  // namespace sluice
