#include "lookup/sequence_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <mutex>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/unique_fd.h"
#include "support/scratch_directory.h"

namespace sluice::lookup {
namespace {

class SequenceFileTest : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return directory_.path("number"); }
    void put(const std::string& text) { ASSERT_TRUE(replace_file(path(), text)); }
    [[nodiscard]] std::string text() const { return *read_file(path()); }

    test::ScratchDirectory directory_;
};

TEST_F(SequenceFileTest, RaisesTheNumber) {
    put("");
    EXPECT_EQ(next_in_sequence(path()).value_or(0), 1U);
    EXPECT_EQ(next_in_sequence(path()).value_or(0), 2U);
    EXPECT_EQ(text(), "2\n");
    put("99");
    EXPECT_EQ(next_in_sequence(path()).value_or(0), 100U);
    put("  7   \n");
    EXPECT_EQ(next_in_sequence(path()).value_or(0), 8U);
    EXPECT_EQ(text(), "8\n");
}

TEST_F(SequenceFileTest, MustExistAndHoldANumber) {
    const auto missing = next_in_sequence(path());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().error_number(), ENOENT);
    for (const char* bad : {"x\n", "1 2\n", "-1\n", "18446744073709551615\n"}) {
        put(bad);
        EXPECT_FALSE(next_in_sequence(path())) << bad;
        EXPECT_EQ(text(), bad);
    }
}

TEST_F(SequenceFileTest, NobodyGetsANumberTwice) {
    put("0\n");
    std::mutex mutex;
    std::set<std::uint64_t> numbers;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 50; ++j) {
                const auto number = next_in_sequence(path());
                ASSERT_TRUE(number);
                const std::lock_guard lock(mutex);
                EXPECT_TRUE(numbers.insert(*number).second);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(text(), "200\n");
}

TEST_F(SequenceFileTest, DoesNotWaitForEverForTheLock) {
    put("5\n");
    const UniqueFd holder(::open(path().c_str(), O_RDWR | O_CLOEXEC));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    ASSERT_EQ(::fcntl(holder.get(), F_OFD_SETLK, &whole), 0);
    EXPECT_FALSE(next_in_sequence(path(), std::chrono::milliseconds(20)));
    EXPECT_EQ(text(), "5\n");
}

}  // namespace
}  // namespace sluice::lookup
