#include "base/file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace sluice {
namespace {

class File : public testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/sluice-file-XXXXXX";
        directory_ = ::mkdtemp(name);
    }
    std::string directory_;
};

TEST_F(File, ReplaceLeavesOldOrNewContent) {
    const std::string path = directory_ + "/deep/er/file";
    ASSERT_TRUE(make_directories(directory_of(path)));
    ASSERT_TRUE(replace_file(path, "one"));
    ASSERT_TRUE(replace_file(path, "two"));
    EXPECT_EQ(read_file(path).value(), "two");
}

TEST_F(File, MissingFileSaysWhichAndWhy) {
    const auto result = read_file(directory_ + "/none");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error_number(), ENOENT);
    EXPECT_NE(result.error().detail().find("/none"), std::string::npos);
}

TEST_F(File, CeilingIsKept) {
    ASSERT_TRUE(replace_file(directory_ + "/big", std::string(100, 'x')));
    EXPECT_FALSE(read_file(directory_ + "/big", 99));
    EXPECT_TRUE(read_file(directory_ + "/big", 100));
}

}  // namespace
}  // namespace sluice
