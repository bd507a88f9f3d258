#include "tls/watched_client.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/certificates.h"
#include "support/scratch_directory.h"

namespace sluice::tls {
namespace {

using namespace std::chrono_literals;

class WatchedClientTest : public testing::Test {
protected:
    void write(const std::string& text) { test::write_file(file_, text); }
    static std::string fresh() {
        const auto made = test::make_certificate({});
        return pem_of(made) + key_pem_of(made);
    }

    test::ScratchDirectory directory_;
    std::string file_ = directory_.path("all.pem");
    WatchedClient watched_{ClientSettings{.certificate = {file_, file_}}};
    MonoTime now_{};
};

TEST_F(WatchedClientTest, WhatIsMissingIsFoundWhenItComes) {
    EXPECT_EQ(watched_.current(now_).context, nullptr);
    EXPECT_NE(watched_.current(now_).fault, "");
    write(fresh());
    EXPECT_EQ(watched_.current(now_ + 1s).context, nullptr);  // looked a second ago
    EXPECT_NE(watched_.current(now_ + 11s).context, nullptr);
    EXPECT_EQ(watched_.current(now_ + 11s).fault, "");
}

TEST_F(WatchedClientTest, ChangedFileIsReadAgain) {
    write(fresh());
    const auto first = watched_.current(now_).context;
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(watched_.current(now_ + 20s).context, first);
    write(fresh() + "\n");
    const auto second = watched_.current(now_ + 40s).context;
    EXPECT_NE(second, nullptr);
    EXPECT_NE(second, first);
}

TEST_F(WatchedClientTest, FileThatBreaksChangesNothing) {
    write(fresh());
    const auto first = watched_.current(now_).context;
    write("half a certif");
    EXPECT_EQ(watched_.current(now_ + 20s).context, first);
    write(fresh());
    EXPECT_NE(watched_.current(now_ + 40s).context, first);
}

// Copies that keep the times of their originals, as rsync makes them in place.
TEST(FileSignature, TellsContentsApartThatLookAlike) {
    const test::ScratchDirectory directory;
    const std::string file = directory.path("file");
    test::write_file(file, "one");
    const auto time = std::filesystem::last_write_time(file);
    FileSignature before;
    add_file(before, file);
    FileSignature after;
    int tries = 0;
    do {  // the clock of the file system has its steps
        std::ofstream(file, std::ios::in) << "two";
        std::filesystem::last_write_time(file, time);
        after.clear();
        add_file(after, file);
    } while (after == before && ++tries < 1000);
    EXPECT_NE(after, before);
}

TEST(WatchedClient, TheSystemsAnchorsAreReadOnce) {
    WatchedClient watched{ClientSettings{}};
    const auto first = watched.current(MonoTime()).context;
    EXPECT_NE(first, nullptr);
    EXPECT_EQ(watched.current(MonoTime(1h)).context, first);
}

}  // namespace
}  // namespace sluice::tls
