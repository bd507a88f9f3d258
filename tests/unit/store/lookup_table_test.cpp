#include "store/lookup_table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "store/database_writer.h"
#include "support/scratch_directory.h"

namespace sluice::store {
namespace {

class LookupTableTest : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return directory_.path("general"); }
    std::string look_up(std::string_view key) {
        const auto found = table_.find(key);
        if (!found) return found.error().is_permanent() ? "permanent" : "temporary";
        return found->value_or("-");
    }

    test::ScratchDirectory directory_;
    LookupTable table_{path()};
};

TEST_F(LookupTableTest, WithoutAFileItHoldsNothing) {
    EXPECT_EQ(look_up("a"), "-");
}

TEST_F(LookupTableTest, NoticesANewFile) {
    EXPECT_EQ(look_up("a"), "-");
    ASSERT_TRUE(write_database(path(), {{"a", "1"}}));
    EXPECT_EQ(look_up("a"), "1");
    ASSERT_TRUE(write_database(path(), {{"a", "2"}}));
    EXPECT_EQ(look_up("a"), "2");
    ::unlink(path().c_str());
    EXPECT_EQ(look_up("a"), "-");
}

TEST_F(LookupTableTest, DamagedFileIsATemporaryFailureUntilItIsReplaced) {
    ASSERT_TRUE(write_database(path(), {{"a", "1"}}));
    EXPECT_EQ(look_up("a"), "1");
    ASSERT_TRUE(replace_file(path(), "garbage"));
    EXPECT_EQ(look_up("a"), "temporary");
    EXPECT_EQ(look_up("a"), "temporary");
    ASSERT_TRUE(write_database(path(), {{"a", "3"}}));
    EXPECT_EQ(look_up("a"), "3");
}

TEST_F(LookupTableTest, ReadersGoOnWhileItIsReplaced) {
    ASSERT_TRUE(write_database(path(), {{"a", "even"}, {"b", "even"}}));
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                const std::string found = look_up("b");
                if (found != "even" && found != "odd") ++wrong;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        const std::string text = i % 2 == 0 ? "odd" : "even";
        EXPECT_TRUE(write_database(path(), {{"a", text}, {"b", text}}));
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace sluice::store
