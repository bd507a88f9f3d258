#include "pipe/stdin_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::pipe {
namespace {

TEST(StdinFile, HasLineFeedsAndEverythingElse) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("message");
    StdinFile file(UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    // A line end across two pieces, bare ones, and one that ends it all.
    for (const char* piece : {"a\r\nb\r", "\nc\rd\ne\r", "\r", "\nf\r"})
        EXPECT_TRUE(file.append(piece));
    const std::string expected = "a\nb\nc\rd\ne\r\nf\r";
    EXPECT_EQ(file.finish().value(), expected.size());
    EXPECT_EQ(read_file(path).value(), expected);
}

}  // namespace
}  // namespace sluice::pipe
