#include "base/text_file_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sluice {
namespace {

class TextFileCacheTest : public testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/sluice-cache-XXXXXX";
        directory_ = ::mkdtemp(name);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    [[nodiscard]] std::string path(const char* name) const { return directory_ + '/' + name; }
    void write(const char* name, const char* text) const { std::ofstream(path(name)) << text; }

    std::string directory_;
    TextFileCache cache_;
};

TEST_F(TextFileCacheTest, TextOfAnUnchangedFileIsKept) {
    write("a", "one\n");
    const auto first = cache_.read(path("a"));
    ASSERT_TRUE(first);
    EXPECT_EQ(**first, "one\n");
    EXPECT_EQ(*cache_.read(path("a")), *first);
}

TEST_F(TextFileCacheTest, ChangeOfAnyKindIsSeen) {
    write("a", "one\n");
    ASSERT_TRUE(cache_.read(path("a")));
    write("b", "two\n");
    std::filesystem::rename(path("b"), path("a"));
    EXPECT_EQ(**cache_.read(path("a")), "two\n");
    write("a", "longer\n");
    EXPECT_EQ(**cache_.read(path("a")), "longer\n");
}

TEST_F(TextFileCacheTest, WhatIsNoFileIsATemporaryError) {
    EXPECT_FALSE(cache_.read(path("none")));
    const auto directory = cache_.read(directory_);
    ASSERT_FALSE(directory);
    EXPECT_FALSE(directory.error().is_permanent());
}

}  // namespace
}  // namespace sluice
