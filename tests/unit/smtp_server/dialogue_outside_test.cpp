// What rules ask from outside while a session goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "support/scratch_directory.h"
#include "unit/smtp_server/dialogue_fixture.h"

namespace sluice::smtp_server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DialogueOutside : public DialogueTest {
protected:
    DialogueOutside() { put("0\n"); }
    void put(const std::string& number) { ASSERT_TRUE(replace_file(file_, number)); }
    [[nodiscard]] std::string number() const { return *read_file(file_); }
    [[nodiscard]] std::string sequence() const { return "$#" + file_ + '#'; }

    test::ScratchDirectory directory_;
    std::string file_ = directory_.path("number");
};

// Everybody who waits for a file lock does so in a task, and what counts has counted once.
TEST_F(DialogueOutside, SlowAnswersAreTasks) {
    changes_["mappings"] =
        "PORT_ACCESS\n\n  *  $C" + sequence() + "\n  *  $Y\n\nFROM_ACCESS\n\n  *  $C" + sequence() +
        "\n  *  $Y\n\nORIG_SEND_ACCESS\n\n  *|*|*|no@*  $NNumber$ " + sequence() + "\n";
    EXPECT_THAT(connect(), StartsWith("220 "));
    EXPECT_EQ(number(), "1\n");
    start();
    EXPECT_EQ(number(), "2\n");
    EXPECT_THAT(say("RCPT TO:<no@example.com>"), HasSubstr("550 5.7.1 Number 3: no@example.com"));
    EXPECT_THAT(say("RCPT TO:<no@example.com>"), HasSubstr("550 5.7.1 Number 4: no@example.com"));
    EXPECT_EQ(tasks_, 4);
    EXPECT_EQ(number(), "4\n");
}

TEST_F(DialogueOutside, QuickAnswersAreNot) {
    changes_["mappings"] =
        "ORIG_SEND_ACCESS\n\n  *  $[conn_throttle,throttle,192.0.2.1,1]$NToo$ many\n";
    connect();
    start();
    EXPECT_THAT(say("RCPT TO:<adam@example.com>"), StartsWith("250"));
    EXPECT_THAT(say("RCPT TO:<adam@example.com>"), HasSubstr("550 5.7.1 Too many"));
    EXPECT_EQ(tasks_, 0);
}

}  // namespace
}  // namespace sluice::smtp_server
