#include "store/lookup_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"
#include "store/database_writer.h"
#include "support/scratch_directory.h"

namespace sluice::store {
namespace {

class LookupDatabaseTest : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return directory_.path("db"); }
    void write(const Entries& entries) { ASSERT_TRUE(write_database(path(), entries)); }
    void put_bytes(const std::string& bytes) { ASSERT_TRUE(replace_file(path(), bytes)); }
    [[nodiscard]] std::string bytes() const { return *read_file(path()); }
    [[nodiscard]] std::string why_not() const {
        const auto opened = LookupDatabase::open(path());
        return opened ? "opened" : opened.error().detail();
    }

    test::ScratchDirectory directory_;
};

TEST_F(LookupDatabaseTest, FindsWhatWasWritten) {
    Entries entries;
    for (int i = 0; i < 5000; ++i)
        entries["key" + std::to_string(i) + ".example"] = "value" + std::to_string(i);
    write(entries);
    const auto database = LookupDatabase::open(path());
    ASSERT_TRUE(database) << database.error().detail();
    EXPECT_EQ((*database)->size(), 5000U);
    for (int i = 0; i < 5000; i += 7) {
        const auto found = (*database)->find("KEY" + std::to_string(i) + ".Example");
        ASSERT_TRUE(found);
        EXPECT_EQ(found->value_or(""), "value" + std::to_string(i));
    }
    EXPECT_FALSE((*database)->find("nobody")->has_value());
    EXPECT_FALSE((*database)->find("")->has_value());
    EXPECT_FALSE((*database)->find(std::string(5000, 'x'))->has_value());
}

TEST_F(LookupDatabaseTest, GoesThroughAll) {
    const Entries entries{{"a", "1"}, {"b c", "2"}, {"\xc3\xa4", "3"}};
    write(entries);
    const auto database = LookupDatabase::open(path());
    ASSERT_TRUE(database);
    Entries read;
    ASSERT_TRUE((*database)->each([&](auto key, auto value) { read.emplace(key, value); }));
    EXPECT_EQ(read, entries);
}

TEST_F(LookupDatabaseTest, MayBeEmpty) {
    write({});
    const auto database = LookupDatabase::open(path());
    ASSERT_TRUE(database) << database.error().detail();
    EXPECT_EQ((*database)->size(), 0U);
    EXPECT_FALSE((*database)->find("a")->has_value());
}

TEST_F(LookupDatabaseTest, NobodyMayWriteToIt) {
    write({{"a", "1"}});
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0444U);
}

TEST_F(LookupDatabaseTest, MissingFile) {
    const auto opened = LookupDatabase::open(path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().error_number(), ENOENT);
}

TEST_F(LookupDatabaseTest, DamageIsNoticedBeforeItIsMapped) {
    put_bytes("short");
    EXPECT_NE(why_not().find("not a database"), std::string::npos);
    put_bytes(std::string(20000, 'x'));
    EXPECT_NE(why_not().find("not a database"), std::string::npos);
    write({{"a", "1"}, {"b", "2"}});
    const std::string good = bytes();
    put_bytes(good.substr(0, good.size() / 2));
    EXPECT_NE(why_not().find("not a database"), std::string::npos);
    put_bytes(good.substr(4096));
    EXPECT_NE(why_not().find("length"), std::string::npos);
    for (std::size_t at = 0; at < good.size() - 32; at += 1009) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x40);
        put_bytes(bad);
        EXPECT_NE(why_not().find("corrupt"), std::string::npos) << at;
    }
}

}  // namespace
}  // namespace sluice::store
