#include "channels/tcp_smtp/server/input_deadline.h"

#include <gtest/gtest.h>

namespace sluice::smtp_server {
namespace {

using namespace std::chrono_literals;

const MonoTime start{1h};
constexpr std::chrono::seconds limit = 10min;  // DATA_RECEIVE_TIME

/// When a client is cut off that sends so many octets every so often.
std::chrono::seconds life_of(std::uint64_t octets, std::chrono::seconds pause) {
    std::uint64_t sent = 0;
    for (MonoTime now = start;; now += pause, sent += octets) {
        const MonoTime deadline = data_deadline(now, start, sent, limit);
        if (now + pause > deadline)
            return std::chrono::duration_cast<std::chrono::seconds>(deadline - start);
        if (now - start > 10h) return 10h;
    }
}

TEST(DataDeadline, OneOctetAMinuteEndsAfterTheTimeOfOneRead) {
    EXPECT_EQ(life_of(1, 1min), 10min);
    EXPECT_EQ(life_of(1, 5s), 10min + 1s) << "120 octets have earned a second";
}

TEST(DataDeadline, SilenceEndsAfterTheTimeOfOneRead) {
    EXPECT_EQ(data_deadline(start, start, 0, limit), start + limit);
    // Who has sent a lot is not waited for longer than anybody.
    EXPECT_EQ(data_deadline(start + 1min, start, 1'000'000'000, limit), start + 11min);
}

TEST(DataDeadline, TheLeastRateIsEnoughForEver) {
    EXPECT_EQ(life_of(least_octets_per_second, 1s), 10h);
    EXPECT_EQ(life_of(60 * least_octets_per_second, 60s), 10h);
}

TEST(DataDeadline, BelowTheLeastRateNobodyStays) {
    // 50 octets a second earn half of what they take: twice the first time.
    const auto life = life_of(50, 1s);
    EXPECT_GE(life, 19min);
    EXPECT_LE(life, 21min);
}

TEST(UnderStress, LimitsAreDividedButNotToNothing) {
    EXPECT_EQ(under_stress(600s, 10), 60s);
    EXPECT_EQ(under_stress(60s, 10), 10s);
    EXPECT_EQ(under_stress(5s, 10), 5s) << "a site that wants less has it";
    EXPECT_EQ(under_stress(600s, 1), 600s);
    EXPECT_EQ(under_stress(600s, 0), 600s);
}

}  // namespace
}  // namespace sluice::smtp_server
