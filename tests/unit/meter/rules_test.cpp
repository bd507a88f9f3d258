#include "meter/rules.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>

namespace sluice::meter {
namespace {

using std::chrono::seconds;

constexpr WallTime start{std::chrono::hours(500000)};

TableSettings throttle(std::int64_t quota, bool penalizes = false) {
    TableSettings table;
    table.name = "conns";
    table.quota = quota;
    table.penalizes = penalizes;
    return table;
}
TableSettings greylist() {
    TableSettings table;
    table.name = "grey";
    table.type = TableType::greylisting;
    return table;
}

/// A key of a throttle.
struct Counted {
    bool operator()(WallTime now) {
        const Throttled result = count_event(table, record, now);
        EXPECT_EQ(result.exceeded, is_exceeded(table, record, now));
        record = result.record;
        return result.exceeded;
    }
    TableSettings table;
    std::optional<Record> record{};
};

TEST(MeterThrottle, CountsWithinItsPeriod) {
    Counted event{throttle(2)};
    EXPECT_FALSE(event(start));
    EXPECT_FALSE(event(start + seconds(30)));
    EXPECT_TRUE(event(start + seconds(59)));
    EXPECT_TRUE(event(start + seconds(59)));
    EXPECT_FALSE(event(start + seconds(60))) << "the period began with the first event";
    EXPECT_EQ(event.record->due, start + seconds(120));
}

TEST(MeterThrottle, PenaltyBeginsANewPeriod) {
    Counted event{throttle(1, true)};
    EXPECT_FALSE(event(start));
    EXPECT_TRUE(event(start + seconds(50)));
    EXPECT_TRUE(event(start + seconds(109)));
    EXPECT_FALSE(event(start + seconds(169)));
}

TEST(MeterThrottle, QuotaOfNothingRefusesAll) {
    Counted event{throttle(0)};
    EXPECT_TRUE(event(start));
}

TEST(MeterThrottle, ClockThatIsSetBackBeginsAnew) {
    Counted event{throttle(1)};
    EXPECT_FALSE(event(start));
    EXPECT_FALSE(event(start - std::chrono::hours(24 * 365)));
    EXPECT_TRUE(event(start - std::chrono::hours(24 * 365)));
}

TEST(MeterThrottle, RecordsOfOtherTablesDoNotCount) {
    const Record known{Record::Kind::known, start, start, 50, {}};
    EXPECT_FALSE(count_event(throttle(1), known, start).exceeded);
    EXPECT_EQ(count_event(throttle(1), known, start).record.count, 1U);
}

// Whatever comes when: within one period of its own making no key gets more than the quota, and who
// stays below it in every stretch of that length is never refused.
TEST(MeterThrottle, HoldsForAnyTimes) {
    std::mt19937 random(17);
    for (int round = 0; round < 500; ++round) {
        const auto quota = static_cast<std::int64_t>(random() % 5);
        Counted event{throttle(quota, random() % 2 == 0)};
        WallTime now = start;
        std::deque<WallTime> stretch;
        WallTime since{};
        std::int64_t allowed = 0;
        for (int i = 0; i < 100; ++i) {
            now += seconds(random() % 40);
            stretch.push_back(now);
            while (now - stretch.front() >= event.table.quota_time) stretch.pop_front();
            const bool refused = event(now);
            if (static_cast<std::int64_t>(stretch.size()) <= quota && !event.table.penalizes) {
                EXPECT_FALSE(refused);
            }
            if (std::exchange(since, event.record->since) != since) allowed = 0;
            if (!refused) ++allowed;
            EXPECT_LE(allowed, quota);
            EXPECT_EQ(event.record->due, event.record->since + event.table.quota_time);
        }
    }
}

struct Row {
    const char* name;
    seconds first_return;
    Greeting expected;
};

class MeterGreylist : public testing::TestWithParam<Row> {};

TEST_P(MeterGreylist, DecidesByTheTimeOfTheReturn) {
    const TableSettings table = greylist();
    const Greeted first = greet(table, std::nullopt, start);
    EXPECT_EQ(first.greeting, Greeting::first_time);
    const Greeted second = greet(table, first.record, start + GetParam().first_return);
    EXPECT_EQ(second.greeting, GetParam().expected);
    EXPECT_EQ(second.record == first.record, second.greeting == Greeting::too_soon);
    if (second.greeting == Greeting::too_late) {
        const auto again = greet(table, second.record, second.record.since + table.block_time);
        EXPECT_EQ(again.greeting, Greeting::known);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Returns,
    MeterGreylist,
    testing::Values(
        Row{"at_once", seconds(0), Greeting::too_soon},
        Row{"just_too_soon", seconds(299), Greeting::too_soon},
        Row{"in_time", seconds(300), Greeting::known},
        Row{"late_in_time", seconds(4 * 3600), Greeting::known},
        Row{"too_late", seconds(4 * 3600 + 1), Greeting::too_late},
        Row{"before_it_came", seconds(-100), Greeting::first_time}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(MeterGreylist, ForgetsWhoStaysAway) {
    const TableSettings table = greylist();
    std::optional<Record> record = greet(table, std::nullopt, start).record;
    WallTime now = start + seconds(600);
    record = greet(table, record, now).record;
    for (int i = 0; i < 10; ++i) {
        now += table.inactivity_time;
        const Greeted again = greet(table, record, now);
        EXPECT_EQ(again.greeting, Greeting::known);
        EXPECT_EQ(again.record.due, now + table.inactivity_time);
        record = again.record;
    }
    now += table.inactivity_time + seconds(1);
    EXPECT_EQ(greet(table, record, now).greeting, Greeting::first_time);
}

TEST(MeterGreylist, ClockThatIsSetBackForgetsNobodyKnown) {
    const TableSettings table = greylist();
    const Record known{Record::Kind::known, start, start, 0, {}};
    const Greeted result = greet(table, known, start - std::chrono::hours(87600));
    EXPECT_EQ(result.greeting, Greeting::known);
    EXPECT_EQ(result.record.since, start - std::chrono::hours(87600));
}

// Nobody gets in without having stayed away for block_time since a first visit, and who is in stays
// in while he comes often enough.
TEST(MeterGreylist, HoldsForAnyTimes) {
    std::mt19937 random(23);
    for (int round = 0; round < 500; ++round) {
        TableSettings table = greylist();
        table.block_time = seconds(1 + random() % 100);
        table.resubmit_time = table.block_time + seconds(1 + random() % 300);
        table.inactivity_time = seconds(1 + random() % 500);
        std::optional<Record> record;
        std::optional<WallTime> waiting_since;
        std::optional<WallTime> last_known;
        WallTime now = start;
        for (int i = 0; i < 100; ++i) {
            now += seconds(random() % 200);
            const Greeted result = greet(table, record, now);
            if (result.greeting == Greeting::known) {
                if (!last_known) {
                    ASSERT_TRUE(waiting_since);
                    EXPECT_GE(now - *waiting_since, table.block_time);
                    EXPECT_LE(now - *waiting_since, table.resubmit_time);
                } else {
                    EXPECT_LE(now - *last_known, table.inactivity_time);
                }
                last_known = now;
            } else {
                if (last_known) {
                    EXPECT_GT(now - *last_known, table.inactivity_time);
                }
                last_known.reset();
                if (result.greeting != Greeting::too_soon) waiting_since = now;
            }
            record = result.record;
        }
    }
}

}  // namespace
}  // namespace sluice::meter
