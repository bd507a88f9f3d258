#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace sluice {
namespace {

Result<std::unique_ptr<int>> positive(int n) {
    if (n > 0) return std::make_unique<int>(n);
    return Error::permanent({5, 1, 2}, "not positive");
}

TEST(Result, HoldsAMoveOnlyValueOrAnError) {
    EXPECT_EQ(**positive(3), 3);
    const auto bad = positive(0);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().to_debug_string(), "permanent 5.1.2 not positive");
}

TEST(Error, FullDiskIsItsOwnStatus) {
    EXPECT_EQ(Error::from_errno(ENOSPC, "write").status(), (StatusCode{4, 3, 1}));
    EXPECT_EQ(Error::from_errno(EIO, "write").status(), (StatusCode{4, 3, 0}));
    EXPECT_FALSE(Error::from_errno(EIO, "write").is_permanent());
}

}  // namespace
}  // namespace sluice
