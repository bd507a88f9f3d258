#include "config/file_source.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sluice::config {
namespace {

TEST(MemoryFiles, MissingFileLooksLikeAMissingFileOnDisk) {
    MemoryFiles files(std::map<std::string, std::string>{{"/a", "text"}});
    EXPECT_EQ(files.read("/a").value(), "text");
    EXPECT_EQ(files.read("/b").error().error_number(), ENOENT);
}

TEST(DiskFiles, RemembersWhatItRead) {
    DiskFiles files;
    ASSERT_TRUE(files.read("/etc/passwd"));
    EXPECT_FALSE(files.read("/nonexistent"));
    EXPECT_EQ(files.seen().size(), 1U);
}

}  // namespace
}  // namespace sluice::config
