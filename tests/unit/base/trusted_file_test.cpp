#include "base/trusted_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice {
namespace {

class TrustedFile : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(replace_file(path_, "text", 0600)); }
    std::string with_mode(unsigned mode) const {
        EXPECT_EQ(::chmod(path_.c_str(), mode), 0);
        return distrust_of(path_);
    }

    test::ScratchDirectory scratch_;
    std::string path_ = scratch_.path("file");
};

TEST_F(TrustedFile, OnlyWeMayWriteIt) {
    EXPECT_EQ(with_mode(0600), "");
    EXPECT_EQ(with_mode(0755), "");
    EXPECT_EQ(with_mode(0620), "others may write it");
    EXPECT_EQ(with_mode(0602), "others may write it");
}

TEST_F(TrustedFile, NobodyElseMayPutAnotherInItsPlace) {
    for (const unsigned mode : {0770U, 0707U, 01777U}) {
        ASSERT_EQ(::chmod(scratch_.path("").c_str(), mode), 0);
        EXPECT_EQ(distrust_of(path_), "others may write its directory") << mode;
    }
    ASSERT_EQ(::chmod(scratch_.path("").c_str(), 0755), 0);
    EXPECT_EQ(distrust_of(path_), "");
}

TEST_F(TrustedFile, ItIsAFile) {
    EXPECT_EQ(distrust_of(scratch_.path("")), "it is not a file");
    EXPECT_NE(distrust_of(scratch_.path("none")), "");
}

TEST_F(TrustedFile, ItIsNotSomebodyElses) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    ASSERT_EQ(::chown(path_.c_str(), 12345, 12345), 0);
    EXPECT_EQ(distrust_of(path_), "it belongs to neither root nor the account of the MTA");
}

}  // namespace
}  // namespace sluice
