#include "base/shared_text.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice {
namespace {

TEST(SharedText, ChangesOfManyAreNotLost) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("count");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 50; ++k) {
                EXPECT_TRUE(change_shared_text(path, [](std::string_view text) {
                    return std::to_string(parse_unsigned(text).value_or(0) + 1);
                }));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(read_file(path).value(), "200");
    EXPECT_TRUE(change_shared_text(path, [](std::string_view) { return std::string("7"); }));
    EXPECT_EQ(read_file(path).value(), "7");
}

TEST(SharedText, SaysWhereItCannotBe) {
    EXPECT_FALSE(change_shared_text("/nonexistent/text", [](std::string_view) {
        return std::string();
    }));
}

}  // namespace
}  // namespace sluice
