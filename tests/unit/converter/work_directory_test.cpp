#include "converter/work_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::converter {
namespace {

class WorkDirectoryTest : public testing::Test {
protected:
    WorkDirectoryTest() : directory_(WorkDirectory::make(scratch_.path("a/work")).value()) {
        EXPECT_TRUE(replace_file(scratch_.path("secret"), "secret"));
    }

    test::ScratchDirectory scratch_;
    WorkDirectory directory_;
};

TEST_F(WorkDirectoryTest, FilesAreReadBack) {
    ASSERT_TRUE(directory_.write("x", "hello"));
    EXPECT_EQ(directory_.text("x", 100), "hello");
    EXPECT_EQ(directory_.text("x", 2), "he");
    EXPECT_EQ(directory_.text("y", 2), "");
    const auto source = directory_.source("x");
    ASSERT_TRUE(source);
    EXPECT_EQ(source->size(), 5U);
    char buffer[10];
    EXPECT_EQ(source->read(3, buffer, sizeof buffer).value(), 2U);
    EXPECT_EQ(source->read(5, buffer, sizeof buffer).value(), 0U);
    EXPECT_FALSE(directory_.write("x", "again"));
}

TEST_F(WorkDirectoryTest, WhatACommandMayHaveLeftIsNotFollowed) {
    ASSERT_EQ(::symlink(scratch_.path("secret").c_str(), directory_.path_of("link").c_str()), 0);
    ASSERT_EQ(::link(scratch_.path("secret").c_str(), directory_.path_of("hard").c_str()), 0);
    ASSERT_EQ(::mkfifo(directory_.path_of("pipe").c_str(), 0600), 0);
    ASSERT_EQ(::mkdir(directory_.path_of("folder").c_str(), 0700), 0);
    for (const char* name : {"link", "hard", "pipe", "folder"}) {
        EXPECT_FALSE(directory_.has(name)) << name;
        EXPECT_EQ(directory_.text(name, 100), "") << name;
        EXPECT_FALSE(directory_.source(name)) << name;
    }
}

TEST_F(WorkDirectoryTest, GoesWithAllThatIsInIt) {
    const std::string path = scratch_.path("b");
    {
        auto other = WorkDirectory::make(path);
        ASSERT_TRUE(other);
        ASSERT_TRUE(make_directories(path + "/closed/deep"));
        ASSERT_EQ(::symlink(scratch_.path("secret").c_str(), (path + "/closed/link").c_str()), 0);
        ASSERT_EQ(::chmod((path + "/closed").c_str(), 0), 0);
    }
    EXPECT_FALSE(file_exists(path));
    EXPECT_TRUE(file_exists(scratch_.path("secret")));
}

TEST_F(WorkDirectoryTest, LeftoversAreRemoved) {
    ASSERT_TRUE(directory_.write("old", "x"));
    auto fresh = WorkDirectory::make(directory_.path());
    ASSERT_TRUE(fresh);
    EXPECT_FALSE(fresh->has("old"));
}

TEST_F(WorkDirectoryTest, WhatNobodyHasTouchedForLongIsAbandoned) {
    namespace fs = std::filesystem;
    using namespace std::chrono_literals;
    const std::string parent = scratch_.path("all");
    for (const char* name : {"service-old", "service-new", "conversion-old"})
        fs::create_directories(parent + '/' + name + "/inside");
    fs::create_directory_symlink(scratch_.path("a"), parent + "/service-link");
    for (const char* name : {"service-old", "conversion-old"})
        fs::last_write_time(parent + '/' + name, fs::file_time_type::clock::now() - 2h);
    remove_abandoned(parent, "service-", 1h);
    EXPECT_FALSE(fs::exists(parent + "/service-old"));
    EXPECT_TRUE(fs::exists(parent + "/service-new/inside"));
    EXPECT_TRUE(fs::exists(parent + "/conversion-old"));
    EXPECT_TRUE(fs::exists(scratch_.path("a")));
    remove_abandoned(scratch_.path("nowhere"), "service-", 1h);
}

}  // namespace
}  // namespace sluice::converter
