#include "job_controller/scheduler.h"

#include "scheduler_fixture.h"

namespace sluice::job_controller {
namespace {

using jobs::HostReport;
using jobs::Outcome;
using jobs::Priority;

using MessageOrder = SchedulerTest;
using Retries = SchedulerTest;
using Workers = SchedulerTest;
using Operators = SchedulerTest;

TEST_F(MessageOrder, OldestFirstWithinAClass) {
    const auto first = add("l");
    const auto second = add("l");
    const auto items = ask_and_take(1, "l", 10);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].file, first.file);
    EXPECT_EQ(items[1].file, second.file);
}

TEST_F(MessageOrder, UrgentBeforeNormalBeforeNonurgent) {
    const auto last = add("l", "", Priority::nonurgent);
    const auto middle = add("l", "", Priority::normal);
    const auto first = add("l", "", Priority::urgent);
    const auto items = ask_and_take(1, "l", 10);
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].file, first.file);
    EXPECT_EQ(items[1].file, middle.file);
    EXPECT_EQ(items[2].file, last.file);
}

TEST_F(MessageOrder, ReleasedMessagesGoAheadOfAll) {
    add("l", "", Priority::urgent);
    auto released = message("l", "");
    released.priority = Priority::nonurgent;
    released.released = true;
    scheduler().enqueue(released, now);
    EXPECT_EQ(ask_and_take(1, "l").at(0).file, released.file);
}

TEST_F(MessageOrder, ReleaseMovesAKnownMessageToTheFront) {
    auto held_before = add("l");
    const auto item = ask_and_take(1, "l").at(0);
    report(1, item, Outcome::temp);
    add("l");
    held_before.released = true;
    EXPECT_EQ(scheduler().enqueue(held_before, now), EnqueueResult::known);
    EXPECT_EQ(ask_and_take(1, "l").at(0).file, held_before.file);
}

TEST_F(MessageOrder, LargeMessagesGoDownAsFarAsTheLimitsOfTheChannelSay) {
    settings.channels[0].size_demotion = {{1000, 2000, 5000}};
    const auto arrival = [&](Priority priority, std::uint64_t octets) {
        auto news = message("l", "");
        news.priority = priority;
        news.size = octets;
        EXPECT_EQ(scheduler().enqueue(news, now), EnqueueResult::tracked);
        return news.file;
    };
    const auto second = arrival(Priority::urgent, 5001);
    const auto nonurgent = arrival(Priority::urgent, 5000);
    const auto normal = arrival(Priority::urgent, 2000);
    const auto urgent = arrival(Priority::urgent, 1000);
    const auto items = ask_and_take(1, "l", 10);
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(items[0].file, urgent);
    EXPECT_EQ(items[1].file, normal);
    EXPECT_EQ(items[2].file, nonurgent);
    EXPECT_EQ(items[3].file, second);
}

TEST_F(MessageOrder, LongWaitRaisesByOneClass) {
    const auto old_normal = add("l", "", Priority::normal);
    const auto old_nonurgent = add("l", "", Priority::nonurgent);
    now += 10s;
    const auto urgent = add("l", "", Priority::urgent);
    // The average wait is still nothing, so ten seconds are more than five times the average.
    EXPECT_EQ(ask_and_take(1, "l").at(0).file, old_normal.file);
    EXPECT_EQ(ask_and_take(2, "l").at(0).file, urgent.file);
    EXPECT_EQ(ask_and_take(3, "l").at(0).file, old_nonurgent.file);
}

TEST_F(MessageOrder, ShortWaitDoesNot) {
    add("l", "", Priority::normal);
    now += 4s;
    const auto urgent = add("l", "", Priority::urgent);
    EXPECT_EQ(ask_and_take(1, "l").at(0).file, urgent.file);
}

TEST_F(MessageOrder, SameFileTwiceIsOneMessage) {
    const auto news = add("l");
    EXPECT_EQ(scheduler().enqueue(news, now), EnqueueResult::known);
    EXPECT_EQ(scheduler().tracked(), 1U);
}

TEST_F(MessageOrder, SameUniquePartInTwoChannelsIsTwoMessages) {
    auto news = add("l");
    news.channel = "tcp_local";
    news.host = "a.example";
    EXPECT_EQ(scheduler().enqueue(news, now), EnqueueResult::tracked);
    EXPECT_EQ(scheduler().tracked(), 2U);
}

TEST_F(MessageOrder, ChannelNamesDoNotDependOnCase) {
    auto news = message("L", "");
    EXPECT_EQ(scheduler().enqueue(news, now), EnqueueResult::tracked);
    EXPECT_EQ(ask_and_take(1, "l").size(), 1U);
}

TEST_F(MessageOrder, UnknownChannelIsRefused) {
    EXPECT_EQ(scheduler().enqueue(message("nosuch", ""), now), EnqueueResult::refused);
    EXPECT_EQ(scheduler().tracked(), 0U);
}

struct Schedule {
    const char* name;
    Priority priority;
    std::vector<int> minutes;
};
class RetrySchedule : public SchedulerTest, public testing::WithParamInterface<Schedule> {};

TEST_P(RetrySchedule, EachFailureWaitsItsInterval) {
    add("l", "", GetParam().priority);
    unsigned attempt = 0;
    for (const int minutes : GetParam().minutes) {
        ask(1, "l");
        const auto items = take(1);
        ASSERT_EQ(items.size(), 1U) << "attempt " << attempt;
        EXPECT_EQ(items[0].attempts, attempt++);
        report(1, items[0], Outcome::temp);
        ask(2, "l", 1, 0, 1, 0);
        pass(std::chrono::minutes(minutes) - 1s);
        ask(2, "l", 1, 0, 1, 0);
        EXPECT_TRUE(take(2).empty()) << "too early after attempt " << attempt;
        pass(1s);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Defaults,
    RetrySchedule,
    testing::Values(
        Schedule{"urgent", Priority::urgent, {30, 60, 60, 120, 120, 120, 240, 240, 240}},
        Schedule{"normal", Priority::normal, {60, 120, 120, 240, 240, 240, 480, 480, 480}},
        Schedule{"nonurgent", Priority::nonurgent, {120, 240, 240, 480, 480, 480, 960, 960}}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST_F(Retries, NewNameIsUsedFromThenOn) {
    add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::temp, HostReport::none, "000/ZY1000001.00");
    pass(1h);
    const auto items = ask_and_take(1, "l");
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].file, "000/ZY1000001.00");
    EXPECT_EQ(items[0].attempts, 1U);
}

TEST_F(Retries, NewNameTellsTheAttempts) {
    add("l");
    const auto item = ask_and_take(1, "l").at(0);
    // A worker that was lost has tried it before.
    report(1, item, Outcome::temp, HostReport::none, "000/ZX1000001.00");
    pass(119min);
    EXPECT_TRUE(ask_and_take(1, "l").empty());
    pass(1min);
    EXPECT_EQ(take(1).at(0).attempts, 2U);
}

TEST_F(Retries, PartlyDeliveredMessageIsTriedAgainAtOnce) {
    add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::renamed, HostReport::none, "001/ZY77.00");
    const auto again = ask_and_take(1, "l");
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].file, "001/ZY77.00");
    EXPECT_EQ(again[0].attempts, 1U);
    // Only once: the next failure goes by the backoff.
    report(1, again[0], Outcome::temp, HostReport::none, "001/ZX77.00");
    EXPECT_TRUE(ask_and_take(1, "l").empty());
    pass(2h);
    EXPECT_EQ(take(1).at(0).file, "001/ZX77.00");
}

TEST_F(Retries, ReplacementAlreadyNotifiedIsNotDoubled) {
    add("l");
    const auto item = ask_and_take(1, "l").at(0);
    auto rest = message("l", "");
    rest.file = "001/ZY77.00";
    rest.partial = true;
    scheduler().enqueue(rest, now);
    report(1, item, Outcome::renamed, HostReport::none, "001/ZY77.00");
    EXPECT_EQ(scheduler().tracked(), 1U);
    EXPECT_EQ(ask_and_take(1, "l", 10).size(), 1U);
}

TEST_F(Retries, LockedMessageComesBackAfterAMinuteWithoutAnAttempt) {
    add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::locked);
    ask(1, "l");
    pass(59s);
    EXPECT_TRUE(take(1).empty());
    pass(1s);
    EXPECT_EQ(take(1).at(0).attempts, 0U);
}

TEST_F(Retries, UntriedMessageIsReadyAgain) {
    const auto news = add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::untried);
    EXPECT_EQ(ask_and_take(1, "l").at(0).file, news.file);
}

TEST_F(Retries, PostponedMessageWaitsAsLongAsItIsToldWithoutAnAttempt) {
    add("l");
    jobs::DoneItem item;
    item.outcome = Outcome::postponed;
    item.delay = 45;
    item.handle = ask_and_take(1, "l").at(0).handle;
    scheduler().done(1, item, now);
    ask(1, "l");
    pass(44s);
    EXPECT_TRUE(take(1).empty());
    pass(1s);
    EXPECT_EQ(take(1).at(0).attempts, 0U);
}

class FinalOutcome : public SchedulerTest, public testing::WithParamInterface<Outcome> {};

TEST_P(FinalOutcome, DropsTheEntry) {
    add("l");
    add("tcp_local", "a.example");
    report(1, ask_and_take(1, "l").at(0), GetParam());
    report(2, ask_and_take(2, "tcp_local").at(0), GetParam());
    EXPECT_EQ(scheduler().tracked(), 0U);
    EXPECT_EQ(row("l").in_progress, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    All, FinalOutcome, testing::Values(Outcome::ok, Outcome::held, Outcome::gone)
);

TEST_F(Retries, ReportForAnotherWorkersMessageIsIgnored) {
    add("l");
    const auto item = ask_and_take(1, "l").at(0);
    ask(2, "l");
    report(2, item, Outcome::ok);
    EXPECT_EQ(scheduler().tracked(), 1U);
    EXPECT_EQ(status("stale_reports"), 1U);
    report(1, item, Outcome::ok);
    report(1, item, Outcome::ok);
    EXPECT_EQ(scheduler().tracked(), 0U);
    EXPECT_EQ(status("stale_reports"), 2U);
}

class Spread : public SchedulerTest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Channels, Spread, testing::Values("tcp_local", "l"));

TEST_P(Spread, ManyDueInOneSecondForAHostComeApart) {
    for (int i = 0; i < 150; ++i) add(GetParam(), "a.example");
    std::vector<jobs::WorkItem> items;
    while (items.size() < 150) {
        const auto more = ask_and_take(1, GetParam(), 50);
        ASSERT_FALSE(more.empty());
        items.insert(items.end(), more.begin(), more.end());
    }
    for (const auto& item : items) report(1, item, Outcome::temp, HostReport::reached);
    std::map<WallTime, int> due;
    std::size_t cursor = 0;
    for (const auto& each : scheduler().message_rows(GetParam(), cursor, 1000, now, wall)) {
        ++due[each.next_try];
        EXPECT_GE(each.next_try, wall + 57min);
        EXPECT_LE(each.next_try, wall + 63min);
    }
    EXPECT_EQ(due[wall + 1h], 100);
    EXPECT_GT(due.size(), 30U);
}

TEST_F(Workers, WaitingWorkerGetsANewMessageAtOnce) {
    ask(1, "l");
    EXPECT_TRUE(take(1).empty());
    const auto news = add("l");
    settle();
    EXPECT_EQ(take(1).at(0).file, news.file);
}

TEST_F(Workers, PatienceEndsInAWaitOfNothing) {
    ask(1, "l", 1, 0, 1, 10);
    pass(9s);
    EXPECT_TRUE(waits.empty());
    pass(1s);
    EXPECT_EQ(waits.at(1), 0s);
}

TEST_F(Workers, ImpatientWorkerIsToldWhenToComeBack) {
    ask(1, "l", 1, 0, 1, 0);
    EXPECT_EQ(waits.at(1), 5s);
}

TEST_F(Workers, NextWakeupIsTheEndOfPatience) {
    ask(1, "l", 1, 0, 1, 10);
    EXPECT_EQ(scheduler().next_wakeup(), now + 10s);
}

TEST_F(Workers, BatchesAreSharedAmongTheWorkersOfAChannel) {
    ask(1, "l", 100);
    ask(2, "l", 100);
    for (int i = 0; i < 10; ++i) add("l");
    settle();
    const std::size_t first = take(1).size();
    const std::size_t second = take(2).size();
    EXPECT_EQ(first + second, 10U - row("l").ready);
    EXPECT_GT(first, 0U);
    EXPECT_GT(second, 0U);
}

TEST_F(Workers, SecondQuestionBeforeTheAnswerIsRefused) {
    ask(1, "l");
    jobs::Ask again;
    again.channel = "l";
    EXPECT_FALSE(scheduler().ask(1, again, now));
}

TEST_F(Workers, ChangeOfChannelIsRefused) {
    add("l");
    ask_and_take(1, "l");
    jobs::Ask other;
    other.channel = "tcp_local";
    EXPECT_FALSE(scheduler().ask(1, other, now));
    other.channel = "nosuch";
    EXPECT_FALSE(scheduler().ask(2, other, now));
}

TEST_F(Workers, LostWorkerReturnsItsMessagesWithoutAnAttempt) {
    for (int i = 0; i < 3; ++i) add("l");
    EXPECT_EQ(ask_and_take(1, "l", 3).size(), 3U);
    scheduler().worker_left(1, now);
    settle();
    EXPECT_EQ(row("l").ready, 3U);
    EXPECT_EQ(row("l").threads, 0U);
    const auto again = ask_and_take(2, "l", 3);
    ASSERT_EQ(again.size(), 1U) << "suspects go alone";
    EXPECT_EQ(again[0].attempts, 0U);
}

// The connections of a process that is killed close one after the other.
TEST_F(Workers, ThreadsOfOneProcessAreLostOnce) {
    const auto message = add("l");
    process = 815;
    for (WorkerId worker = 1; worker <= 8; ++worker) ask(worker, "l");
    settle();
    for (int closed = 0; closed < 8; ++closed) {
        WorkerId holder = 0;
        for (WorkerId worker = 1; worker <= 8; ++worker) {
            if (!take(worker).empty()) holder = worker;
        }
        if (holder == 0) break;
        scheduler().worker_left(holder, now);
        settle();
    }
    process = 816;
    EXPECT_EQ(ask_and_take(9, "l").at(0).file, message.file);
}

TEST_F(Workers, MessageThatKillsItsWorkersDoesNotStopTheOthers) {
    const auto poison = add("l");
    for (WorkerId worker = 1; worker <= 2; ++worker) {
        ASSERT_EQ(ask_and_take(worker, "l").at(0).file, poison.file);
        scheduler().worker_left(worker, now);
    }
    const auto good = add("l");
    EXPECT_EQ(ask_and_take(3, "l", 10).at(0).file, good.file);
    EXPECT_EQ(row("l").delayed, 1U);
}

TEST_F(Workers, ParkedWorkerThatLeavesIsForgotten) {
    ask(1, "l");
    scheduler().worker_left(1, now);
    add("l");
    settle();
    EXPECT_TRUE(take(1).empty());
    EXPECT_EQ(row("l").ready, 1U);
}

TEST_F(Operators, RunMakesDelayedMessagesReady) {
    add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::temp);
    EXPECT_EQ(row("l").delayed, 1U);
    EXPECT_EQ(scheduler().run({"l", "", "", false}, now), 1U);
    EXPECT_EQ(ask_and_take(1, "l").size(), 1U);
    EXPECT_EQ(scheduler().run({"nosuch", "", "", false}, now), std::nullopt);
}

TEST_F(Operators, RunOfOneHostLeavesTheOthers) {
    for (const char* host : {"a.example", "b.example"}) {
        add("tcp_local", host);
        report(1, ask_and_take(1, "tcp_local").at(0), Outcome::temp, HostReport::reached);
    }
    EXPECT_EQ(scheduler().run({"tcp_local", "A.Example", "", false}, now), 1U);
    EXPECT_EQ(row("tcp_local").ready, 1U);
    EXPECT_EQ(row("tcp_local").delayed, 1U);
}

TEST_F(Operators, RunOfOneMessage) {
    const auto news = add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::temp);
    EXPECT_EQ(scheduler().run({"l", "", "000/ZZ99.00", false}, now), 0U);
    EXPECT_EQ(scheduler().run({"l", "", news.file, false}, now), 1U);
    EXPECT_EQ(row("l").ready, 1U);
}

TEST_F(Operators, StoppedChannelGivesNothingAndStartsNothing) {
    EXPECT_TRUE(scheduler().stop_channel("l"));
    add("l");
    ask(1, "l");
    EXPECT_TRUE(take(1).empty());
    EXPECT_TRUE(started.empty());
    EXPECT_TRUE(row("l").stopped);
    EXPECT_TRUE(scheduler().start_channel("l"));
    settle();
    EXPECT_EQ(take(1).size(), 1U);
    EXPECT_FALSE(scheduler().stop_channel("nosuch"));
}

TEST_F(Operators, ForgetDropsWhatNobodyHas) {
    const auto news = add("l");
    EXPECT_EQ(scheduler().forget("l", "000/ZZ99.00"), 0U);
    EXPECT_EQ(scheduler().forget("l", news.file), 1U);
    EXPECT_EQ(scheduler().tracked(), 0U);
    const auto busy = add("l");
    ask_and_take(1, "l");
    EXPECT_EQ(scheduler().forget("l", busy.file), 0U);
}

TEST_F(Operators, ListingTellsStatesSizesAndTimes) {
    const auto oldest = add("l");
    add("l");
    add("l");
    report(1, ask_and_take(1, "l").at(0), Outcome::temp);
    ask_and_take(1, "l");
    const auto l = row("l");
    EXPECT_EQ(l.ready, 1U);
    EXPECT_EQ(l.delayed, 1U);
    EXPECT_EQ(l.in_progress, 1U);
    EXPECT_EQ(l.size, 3U * 2048);
    EXPECT_EQ(l.oldest, oldest.enqueued);
    EXPECT_EQ(l.next_due, wall + 1h);
    EXPECT_EQ(l.pool, "DEFAULT");
    std::map<jobs::MessageState, int> states;
    std::size_t cursor = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto rows = scheduler().message_rows("", cursor, 1, now, wall);
        ASSERT_EQ(rows.size(), 1U);
        ++states[rows[0].state];
        const bool busy = rows[0].state == jobs::MessageState::in_progress;
        EXPECT_EQ(rows[0].pid, busy ? 4711U : 0U);
    }
    EXPECT_TRUE(scheduler().message_rows("", cursor, 1, now, wall).empty());
    EXPECT_EQ(states.size(), 3U);
}

}  // namespace
}  // namespace sluice::job_controller
