#include <algorithm>
#include <set>

#include "scheduler_fixture.h"

// Scans: start, synchronisation, and a queue larger than MAX_MESSAGES.
namespace sluice::job_controller {
namespace {

using jobs::Outcome;

class Scans : public SchedulerTest {
protected:
    /// Files of a channel as they lie on disk, in creation order.
    std::map<std::string, std::vector<ScannedFile>> disk;

    void store(const std::string& channel, int count) {
        for (int i = 0; i < count; ++i) {
            const auto news = message(channel, "");
            disk[channel].push_back({news.file, 0, news.enqueued, news.enqueued});
        }
    }
    void run_scans() {
        while (!scans.empty()) {
            const ScanChannel scan = scans.front();
            scans.pop_front();
            const auto& there = disk[scan.channel];
            const std::size_t count = std::min(there.size(), scan.most);
            for (std::size_t i = 0; i < count; ++i) {
                scheduler().scan_offer(scan.channel, there[i], now, wall);
            }
            const auto result = count < there.size() ? ScanResult::truncated : ScanResult::complete;
            scheduler().scan_end(scan.channel, result, now);
            settle();
        }
    }
    void remove(const std::string& channel, const std::string& file) {
        auto& files_there = disk[channel];
        files_there.erase(std::find_if(
            files_there.begin(), files_there.end(),
            [&](const ScannedFile& each) { return each.file == file; }
        ));
    }
    /// Delivers everything of the channel; the names in the order of delivery.
    std::vector<std::string> drain(const std::string& channel) {
        std::vector<std::string> order;
        while (true) {
            run_scans();
            const auto items = ask_and_take(1, channel, 3);
            if (items.empty()) return order;
            for (const auto& item : items) {
                order.push_back(item.file);
                remove(channel, item.file);
                report(1, item, Outcome::ok);
            }
            settle();
        }
    }
};

TEST_F(Scans, BeginScansEveryChannel) {
    scheduler().begin(now);
    settle();
    ASSERT_EQ(scans.size(), 2U);
    EXPECT_EQ(scans[0].least_age, 0s);
    store("l", 3);
    run_scans();
    EXPECT_EQ(row("l").ready, 3U);
}

TEST_F(Scans, PeriodicScanLooksAtYoungFilesWhereSomeWereLeftOnDisk) {
    settings.max_messages = 2;
    scheduler();
    settle();
    pass(4h - 1s);
    for (int i = 0; i < 3; ++i) scheduler().enqueue(message("l", ""), now);
    pass(1s);
    ASSERT_EQ(scans.size(), 2U);
    for (const ScanChannel& scan : scans)
        EXPECT_EQ(scan.least_age, scan.channel == "l" ? 0s : 300s) << scan.channel;
}

TEST_F(Scans, RoomThatOneChannelLeavesIsForAll) {
    settings.max_messages = 4;
    scheduler();
    settle();
    for (int i = 0; i < 3; ++i) scheduler().enqueue(message("l", ""), now);
    for (int i = 0; i < 2; ++i) scheduler().enqueue(message("tcp_local", "a.example"), now);
    settle();
    EXPECT_TRUE(scans.empty());
    const auto items = ask_and_take(1, "l", 3);
    for (const auto& item : items) report(1, item, Outcome::ok);
    settle();
    ASSERT_EQ(scans.size(), 1U);
    EXPECT_EQ(scans.front().channel, "tcp_local");
}

TEST_F(Scans, PeriodicScanSparesYoungFiles) {
    settle();
    EXPECT_EQ(scheduler().next_wakeup(), now + 4h);
    pass(4h);
    ASSERT_EQ(scans.size(), 2U);
    EXPECT_EQ(scans[0].least_age, 300s);
}

TEST_F(Scans, SynchroniseOfOneChannel) {
    EXPECT_EQ(scheduler().synchronise("tcp_local", now), 1U);
    EXPECT_EQ(scheduler().synchronise("nosuch", now), 0U);
    settle();
    ASSERT_EQ(scans.size(), 1U);
}

TEST_F(Scans, RequestDuringAScanIsRepeatedAfterIt) {
    scheduler().synchronise("l", now);
    scheduler().synchronise("l", now);
    settle();
    ASSERT_EQ(scans.size(), 1U);
    scans.clear();
    scheduler().scan_end("l", ScanResult::complete, now);
    settle();
    EXPECT_EQ(scans.size(), 1U);
}

TEST_F(Scans, FailedScanIsRepeatedAfterAMinute) {
    scheduler().synchronise("l", now);
    settle();
    scans.clear();
    scheduler().scan_end("l", ScanResult::failed, now);
    settle();
    EXPECT_TRUE(scans.empty());
    add("l");  // new mail is not held up by it
    pass(60s);
    EXPECT_EQ(scans.size(), 1U);
}

TEST_F(Scans, TrackedFilesAreNotDoubled) {
    const auto news = add("l");
    scheduler().synchronise("l", now);
    settle();
    EXPECT_EQ(
        scheduler().scan_offer("l", {news.file, 0, news.enqueued, {}}, now, wall),
        EnqueueResult::known
    );
    EXPECT_EQ(scheduler().tracked(), 1U);
}

TEST_F(Scans, FileThatFailedBeforeWaitsFromItsLastAttempt) {
    settings.job_idle = 1h;
    scheduler().begin(now);
    scheduler().scan_offer("l", {"000/ZY1.00", 1, wall - 5h, wall - 50min}, now, wall);
    ask(1, "l", 1, 0, 1, 65000);
    EXPECT_TRUE(take(1).empty());
    pass(10min - 1s);
    EXPECT_TRUE(take(1).empty());
    pass(1s);
    EXPECT_EQ(take(1).at(0).attempts, 1U);
}

TEST_F(Scans, FileWhoseTimeHasPassedIsReady) {
    scheduler().begin(now);
    scheduler().scan_offer("l", {"000/ZX1.00", 2, wall - 9h, wall - 5h}, now, wall);
    EXPECT_EQ(ask_and_take(1, "l").size(), 1U);
}

TEST_F(Scans, WallClockThatJumpedDoesNotDelayBeyondTheInterval) {
    settings.job_idle = 2h;
    scheduler().begin(now);
    scheduler().scan_offer("l", {"000/ZY1.00", 1, wall, wall + 24h * 3650}, now, wall);
    ask(1, "l", 1, 0, 1, 65000);
    pass(60min);
    EXPECT_EQ(take(1).size(), 1U);
}

TEST_F(Scans, SmallStructureDeliversABigQueueInOrder) {
    settings.max_messages = 10;
    store("l", 1000);
    std::vector<std::string> expected;
    for (const auto& file : disk["l"]) expected.push_back(file.file);
    scheduler().begin(now);
    settle();
    run_scans();
    EXPECT_EQ(scheduler().tracked(), 10U);
    EXPECT_TRUE(row("l").untracked);
    EXPECT_EQ(drain("l"), expected);
    EXPECT_FALSE(row("l").untracked);
    EXPECT_EQ(status("overflows"), 1U) << "one episode";
    EXPECT_EQ(notes.size(), 2U) << "its begin and its end";
}

TEST_F(Scans, NewMailQueuesUpBehindWhatIsOnDisk) {
    settings.max_messages = 10;
    store("l", 20);
    scheduler().begin(now);
    settle();
    run_scans();
    const auto late = message("l", "");
    disk["l"].push_back({late.file, 0, late.enqueued, {}});
    EXPECT_EQ(scheduler().enqueue(late, now), EnqueueResult::on_disk);
    const auto order = drain("l");
    ASSERT_EQ(order.size(), 21U);
    EXPECT_EQ(order.back(), late.file);
}

TEST_F(Scans, MailThatArrivesDuringTheRefillIsFound) {
    settings.max_messages = 10;
    for (int i = 0; i < 10; ++i) {
        const auto news = add("l");
        disk["l"].push_back({news.file, 0, news.enqueued, {}});
    }
    const auto eleventh = message("l", "");
    EXPECT_EQ(scheduler().enqueue(eleventh, now), EnqueueResult::on_disk);
    disk["l"].push_back({eleventh.file, 0, eleventh.enqueued, {}});
    for (const auto& item : ask_and_take(1, "l", 10)) {
        remove("l", item.file);
        report(1, item, Outcome::ok);
    }
    settle();
    ASSERT_EQ(scans.size(), 1U);
    scheduler().scan_offer("l", disk["l"].front(), now, wall);
    // Arrives behind the reader's back.
    const auto twelfth = message("l", "");
    EXPECT_EQ(scheduler().enqueue(twelfth, now), EnqueueResult::on_disk);
    disk["l"].push_back({twelfth.file, 0, twelfth.enqueued, {}});
    scans.clear();
    scheduler().scan_end("l", ScanResult::complete, now);
    settle();
    ASSERT_EQ(scans.size(), 1U);
    run_scans();
    EXPECT_EQ(scheduler().tracked(), 2U);
    EXPECT_FALSE(row("l").untracked);
}

TEST_F(Scans, EveryChannelHasItsShare) {
    settings.max_messages = 1000;
    store("l", 5000);
    scheduler().begin(now);
    settle();
    run_scans();
    EXPECT_EQ(row("l").ready, 1000U);
    for (int i = 0; i < 10; ++i) add("tcp_local", "a.example");
    EXPECT_EQ(scheduler().enqueue(message("tcp_local", "a.example"), now), EnqueueResult::on_disk);
}

TEST_F(Scans, ReleasedMessageIsTakenEvenWhenFull) {
    settings.max_messages = 10;
    store("l", 20);
    scheduler().begin(now);
    settle();
    run_scans();
    auto released = message("l", "");
    released.released = true;
    EXPECT_EQ(scheduler().enqueue(released, now), EnqueueResult::tracked);
    EXPECT_EQ(ask_and_take(1, "l").at(0).file, released.file);
}

class Identification : public Scans {
protected:
    void SetUp() override {
        Scans::SetUp();
        settings.identify_scanned = true;
    }
};

TEST_F(Identification, ScannedFilesGetTheirHostBeforeTheyAreHandedOut) {
    store("tcp_local", 2);
    scheduler().synchronise("tcp_local", now);
    settle();
    run_scans();
    ask(1, "tcp_local", 10);
    EXPECT_TRUE(take(1).empty());
    ASSERT_EQ(identifications.size(), 2U);
    Identity identity{"b.example", jobs::Priority::urgent, 5000, 3, wall};
    scheduler().identified(identifications[1].handle, identity, now);
    settle();
    const auto items = take(1);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].host, "b.example");
    EXPECT_EQ(items[0].priority, jobs::Priority::urgent);
    EXPECT_EQ(items[0].recipients, 3U);
}

class RetryAfterRestart : public Identification,
                          public testing::WithParamInterface<std::pair<jobs::Priority, int>> {};

TEST_P(RetryAfterRestart, KeepsTheIntervalOfItsPriority) {
    const auto [priority, minutes] = GetParam();
    settings.job_idle = 24h;
    scheduler().begin(now);
    for (const char* channel : {"l", "tcp_local"}) {
        scheduler().scan_offer(channel, {"000/ZY1.00", 1, wall - 5h, wall - 10min}, now, wall);
        const WorkerId worker = channel == std::string("l") ? 1 : 2;
        ask(worker, channel, 1, 0, 1, 65000);
        ask(worker + 2, channel, 1, 0, 1, 65000);
    }
    pass(20min - 1s);
    EXPECT_TRUE(identifications.empty()) << "not before the shortest interval is over";
    pass(1s);
    ASSERT_EQ(identifications.size(), 2U);
    for (const auto& each : identifications)
        scheduler().identified(each.handle, Identity{"b.example", priority, 1, 1, wall}, now);
    settle();
    if (minutes > 30) {
        pass(std::chrono::minutes(minutes - 30) - 1s);
        EXPECT_TRUE(given.empty());
        pass(1s);
    }
    std::size_t handed = 0;
    for (const auto& [worker, works] : given) handed += works.size();
    EXPECT_EQ(handed, 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Priorities,
    RetryAfterRestart,
    testing::Values(
        std::pair(jobs::Priority::urgent, 30),
        std::pair(jobs::Priority::normal, 60),
        std::pair(jobs::Priority::nonurgent, 120)
    )
);

TEST_F(Identification, OperatorNeedNotWaitForTheInterval) {
    scheduler().begin(now);
    scheduler().scan_offer("tcp_local", {"000/ZY1.00", 1, wall, wall}, now, wall);
    EXPECT_EQ(scheduler().run({"tcp_local", "", "", false}, now), 1U);
    ask(1, "tcp_local");
    ASSERT_EQ(identifications.size(), 1U);
    const Identity identity{"b.example", jobs::Priority::normal, 1, 1, wall};
    scheduler().identified(identifications[0].handle, identity, now);
    settle();
    EXPECT_EQ(take(1).size(), 1U);
}

TEST_F(Identification, UnreadableFileGoesToAWorker) {
    store("tcp_local", 1);
    scheduler().synchronise("tcp_local", now);
    settle();
    run_scans();
    ASSERT_EQ(identifications.size(), 1U);
    scheduler().identified(identifications[0].handle, std::nullopt, now);
    const auto items = ask_and_take(1, "tcp_local");
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].host, "");
}

TEST_F(Identification, IsDoneInSmallLots) {
    store("tcp_local", 5000);
    scheduler().synchronise("tcp_local", now);
    settle();
    run_scans();
    EXPECT_EQ(identifications.size(), 256U);
    for (std::size_t i = 0; i < identifications.size(); ++i) {
        const auto handle = identifications[i].handle;
        scheduler().identified(
            handle, Identity{"a.example", jobs::Priority::normal, 1, 1, wall}, now
        );
        settle();
    }
    EXPECT_EQ(identifications.size(), 1000U) << "enough for now";
}

TEST_F(Identification, NotificationBringsTheHostToo) {
    store("tcp_local", 300);
    scheduler().synchronise("tcp_local", now);
    settle();
    run_scans();
    auto news = message("tcp_local", "a.example");
    news.file = disk["tcp_local"].back().file;
    EXPECT_EQ(scheduler().enqueue(news, now), EnqueueResult::known);
    EXPECT_EQ(ask_and_take(1, "tcp_local").at(0).file, news.file);
}

TEST_F(Identification, ChannelWithAnonymousHostsNeedsNone) {
    store("l", 5);
    scheduler().synchronise("l", now);
    settle();
    run_scans();
    EXPECT_TRUE(identifications.empty());
    EXPECT_EQ(ask_and_take(1, "l", 10).size(), 5U);
}

}  // namespace
}  // namespace sluice::job_controller
