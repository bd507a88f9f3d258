#include "queue/traced_storage.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/scratch_directory.h"

namespace sluice::queue {
namespace {

TEST(TracedStorage, TellsWhatWasDoneAndWhatCameOfIt) {
    const test::ScratchDirectory scratch;
    std::vector<std::string> said;
    const auto storage = make_traced_storage(posix_storage(), [&](std::string_view line) {
        said.emplace_back(line);
    });
    const std::string path = scratch.path("ZZ84PHKX1L3Q0A0001.00");
    {
        auto file = storage->create(path);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write_at(0, "text"));
        ASSERT_TRUE((*file)->sync_data());
        auto locked = (*file)->try_lock();
        ASSERT_TRUE(locked && *locked);
        auto other = storage->open(path, Storage::Open::read_write);
        ASSERT_TRUE(other);
        locked = (*other)->try_lock();
        ASSERT_TRUE(locked);
        EXPECT_FALSE(*locked);
    }
    EXPECT_FALSE(storage->open(scratch.path("none"), Storage::Open::read));
    ASSERT_TRUE(storage->unlink(path));

    const auto begins = [&](std::size_t i, const std::string& text) {
        return i < said.size() && said[i].starts_with("system: " + text);
    };
    ASSERT_EQ(said.size(), 9U);
    EXPECT_TRUE(begins(0, "create " + path + ", ") && said[0].ends_with(" us")) << said[0];
    EXPECT_TRUE(begins(1, "write " + path + " at 0, 4 octets, ")) << said[1];
    EXPECT_TRUE(begins(2, "sync " + path)) << said[2];
    EXPECT_TRUE(begins(3, "lock " + path)) << said[3];
    EXPECT_TRUE(begins(4, "open " + path)) << said[4];
    EXPECT_TRUE(begins(5, "lock " + path)) << said[5];
    EXPECT_EQ(said[6], "system: lock " + path + ": another process has it");
    EXPECT_TRUE(said[7].find("none, ") != std::string::npos && said[7].ends_with("directory"))
        << said[7];
    EXPECT_TRUE(begins(8, "remove " + path)) << said[8];
}

}  // namespace
}  // namespace sluice::queue
