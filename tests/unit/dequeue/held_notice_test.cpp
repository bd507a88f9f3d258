#include "dequeue/held_notice.h"

#include <filesystem>

#include "base/file.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

class HeldNoticeTest : public QueueFixture {
protected:
    /// A message that was held that long ago.
    void hold(const std::string& sender, std::chrono::minutes ago = std::chrono::minutes(0)) {
        enqueue::Submission message = submission(sender);
        message.recipients.push_back(recipient("tcp_local", "bob@dest.example"));
        put(std::move(message));
        for (const queue::MessageLocation& location : queued("tcp_local")) {
            if (location.name.state() == queue::MessageState::held) continue;
            auto file =
                queue::MessageFile::open(runtime_->store(), location, queue::Access::own).value();
            ASSERT_TRUE(file.hold({"tcp_local", 1, 1}, "policy"));
            const std::filesystem::path path = file.location().path(runtime_->store().root());
            std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - ago);
        }
    }
    void told(std::chrono::minutes ago) {
        const WallTime when = runtime_->store().clock().wall_now() - ago;
        const auto number =
            std::chrono::floor<std::chrono::microseconds>(when.time_since_epoch()).count();
        ASSERT_TRUE(replace_file(directory_ + "/run/held_notice", std::to_string(number) + '\n'));
    }
    bool tells() { return report_held_messages(*runtime_).value().told; }
};

TEST_F(HeldNoticeTest, ToldOfWhatIsNewOnceEach) {
    EXPECT_FALSE(tells());
    hold("amy@siroe.edu");
    EXPECT_TRUE(tells());
    EXPECT_FALSE(tells());
    hold("amy@siroe.edu");
    EXPECT_TRUE(tells());
    EXPECT_EQ(report_held_messages(*runtime_).value().held, 2U);
}

// The report itself may be what is held: no report about that one every hour.
TEST_F(HeldNoticeTest, WhatHasNoSenderWaitsForTheDaysReport) {
    hold("amy@siroe.edu");
    EXPECT_TRUE(tells());
    hold("");
    EXPECT_FALSE(tells());
    told(std::chrono::hours(24));
    EXPECT_TRUE(tells());
}

TEST_F(HeldNoticeTest, EveryNightIsOnceADayThoughNoNightIsExactlyThatLong) {
    hold("amy@siroe.edu", std::chrono::hours(48));
    told(std::chrono::hours(23));
    EXPECT_FALSE(tells());
    told(std::chrono::hours(24) - std::chrono::minutes(2));
    EXPECT_TRUE(tells());
}

TEST_F(HeldNoticeTest, ClockThatWentBackSilencesNobodyAndRepeatsNothing) {
    hold("amy@siroe.edu", std::chrono::hours(48));
    told(-std::chrono::hours(5));
    EXPECT_TRUE(tells());
    hold("amy@siroe.edu", -std::chrono::hours(5));
    EXPECT_FALSE(tells());
}

}  // namespace
}  // namespace sluice::dequeue
