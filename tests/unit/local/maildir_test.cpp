#include "maildir.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/file.h"

namespace sluice::local {
namespace {

namespace fs = std::filesystem;

class Maildir : public testing::Test {
protected:
    Maildir() {
        char name[] = "/tmp/sluice-maildir-XXXXXX";
        root_ = ::mkdtemp(name);
    }
    ~Maildir() override { fs::remove_all(root_); }

    /// The path of the delivered message.
    static std::string deliver(MaildirStore& store, std::string_view user) {
        auto delivery = store.begin(user, WallTime{});
        EXPECT_TRUE(delivery) << delivery.error().detail();
        if (!delivery) return {};
        EXPECT_TRUE(delivery->append("Subject: x\r\n\r\nhello\r"));
        EXPECT_TRUE(delivery->append("\nbye\r\n"));
        const auto path = delivery->commit();
        EXPECT_TRUE(path) << path.error().detail();
        return path ? *path : std::string();
    }

    std::string root_;
};

TEST_F(Maildir, FirstDeliveryMakesTheMailbox) {
    MaildirStore store(root_ + '/', "mail.example");
    const std::string path = deliver(store, "Adam");
    EXPECT_EQ(fs::path(path).parent_path(), root_ + "/adam/new");
    EXPECT_EQ(read_file(path).value(), "Subject: x\n\nhello\nbye\n");
    EXPECT_TRUE(fs::is_empty(root_ + "/adam/tmp"));
}

// Two processes make it at the same time: neither must rely on the other coming to its end.
TEST_F(Maildir, HalfMadeMailboxIsCompleted) {
    fs::create_directories(root_ + "/adam/tmp");
    MaildirStore store(root_, "mail.example");
    EXPECT_NE(deliver(store, "adam"), "");
}

TEST_F(Maildir, RemovedMailboxIsMadeAgain) {
    MaildirStore store(root_, "mail.example");
    EXPECT_NE(deliver(store, "adam"), "");
    fs::remove_all(root_ + "/adam");
    EXPECT_NE(deliver(store, "adam"), "");
}

TEST_F(Maildir, AbandonedDeliveryLeavesNothing) {
    MaildirStore store(root_, "mail.example");
    { EXPECT_TRUE(store.begin("adam", WallTime{})); }
    EXPECT_TRUE(fs::is_empty(root_ + "/adam/tmp"));
    EXPECT_TRUE(fs::is_empty(root_ + "/adam/new"));
}

TEST_F(Maildir, NameThatLeadsElsewhereIsRefused) {
    MaildirStore store(root_, "mail.example");
    for (const char* user : {"", "..", ".x", "a/b"})
        EXPECT_FALSE(store.begin(user, WallTime{})) << user;
}

}  // namespace
}  // namespace sluice::local
