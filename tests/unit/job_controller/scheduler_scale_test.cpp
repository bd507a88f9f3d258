#include <malloc.h>

#include <chrono>
#include <random>

#include "scheduler_fixture.h"

// A million messages in seconds, and a random walk with the books kept beside.
namespace sluice::job_controller {
namespace {

using jobs::HostReport;
using jobs::Outcome;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int many = 50000;
constexpr bool memory_counts = false;
#else
constexpr int many = 1000000;
constexpr bool memory_counts = true;
#endif

using Scale = SchedulerTest;

std::size_t heap_in_use() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

TEST_F(Scale, AMillionMessagesForTenThousandHosts) {
    settings.max_messages = 2 * many;
    settings.channels[1].thread_depth = 100;
    const std::size_t before = heap_in_use();
    jobs::NewMessage news;
    news.channel = "tcp_local";
    for (int i = 0; i < many; ++i) {
        news.file = "000/ZZ84PHKX1L" + std::to_string(10000000 + i) + ".00";
        news.host = "mx" + std::to_string(i % (many / 100)) + ".example";
        news.enqueued = wall + std::chrono::microseconds(i);
        ASSERT_EQ(scheduler().enqueue(news, now), EnqueueResult::tracked);
    }
    const std::size_t per_message = (heap_in_use() - before) / many;
    if (memory_counts) {
        EXPECT_LT(per_message, 300U);
    }
    RecordProperty("octets_per_message", static_cast<int>(per_message));

    int delivered = 0;
    int failed = 0;
    while (delivered + failed < many) {
        now += 1ms;
        const auto items = ask_and_take(1, "tcp_local", 100);
        ASSERT_FALSE(items.empty());
        for (const auto& item : items) {
            const bool fails = item.handle % 10 == 0;
            ++(fails ? failed : delivered);
            report(1, item, fails ? Outcome::temp : Outcome::ok, HostReport::reached);
        }
    }
    EXPECT_EQ(scheduler().tracked(), static_cast<std::size_t>(failed));
    now += 2h;
    settle();
    EXPECT_EQ(row("tcp_local").ready, static_cast<std::uint32_t>(failed));
}

/// Random facts; after each step the listing must agree with books kept here.
TEST_F(Scale, RandomWalkLosesAndInventsNothing) {
    settings.channels[0].files_per_job = 5;
    settings.job_idle = 20s;
    std::mt19937 generator(42);  // NOLINT(cert-msc51-cpp): repeatable on purpose
    const auto random = [&] { return static_cast<unsigned>(generator()); };
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    std::map<WorkerId, std::map<std::uint64_t, jobs::WorkItem>> held;
    std::map<WorkerId, bool> waiting;
    std::set<std::string> alive;

    const auto collect = [&] {
        settle();
        for (auto& [worker, works] : given) {
            for (auto& work : works) {
                waiting[worker] = false;
                for (auto& item : work.items) {
                    ASSERT_TRUE(alive.contains(item.file));
                    for (const auto& [other, items] : held) {
                        for (const auto& [handle, busy] : items) ASSERT_NE(busy.file, item.file);
                    }
                    held[worker][item.handle] = item;
                }
            }
            works.clear();
        }
        for (const auto& [worker, pause] : waits) waiting[worker] = false;
        waits.clear();
        for (const WorkerId worker : exits) {
            scheduler().worker_left(worker, now);
            held.erase(worker);
            waiting.erase(worker);
        }
        exits.clear();
    };

    for (int step = 0; step < 20000; ++step) {
        now += std::chrono::milliseconds(random() % 2000);
        const WorkerId worker = 1 + random() % 8;
        const std::string channel = worker % 2 == 0 ? "l" : "tcp_local";
        if (chance(40)) {
            const auto news =
                add(chance(50) ? "l" : "tcp_local", "h" + std::to_string(random() % 5) + ".example",
                    static_cast<jobs::Priority>(random() % 4));
            alive.insert(news.file);
        } else if (chance(50)) {
            if (!waiting[worker]) {
                waiting[worker] = true;
                ask(worker, channel, 1 + random() % 5, 0, 1, random() % 30);
            }
        } else if (chance(90) && !held[worker].empty()) {
            const auto item = held[worker].begin()->second;
            held[worker].erase(item.handle);
            const auto outcome = static_cast<Outcome>(random() % 7);
            const bool final =
                outcome == Outcome::ok || outcome == Outcome::held || outcome == Outcome::gone;
            if (final) alive.erase(item.file);
            report(worker, item, outcome, static_cast<HostReport>(random() % 3));
        } else if (chance(10)) {
            scheduler().worker_left(worker, now);
            held.erase(worker);
            waiting.erase(worker);
        } else if (chance(10)) {
            scheduler().run({channel, "", "", false}, now);
        }
        collect();
        if (HasFatalFailure()) return;
        std::size_t in_progress = 0;
        for (const auto& [each, items] : held) in_progress += items.size();
        const auto l = row("l");
        const auto tcp = row("tcp_local");
        ASSERT_EQ(l.in_progress + tcp.in_progress, in_progress) << "step " << step;
        ASSERT_EQ(scheduler().tracked(), alive.size()) << "step " << step;
    }
    EXPECT_GT(status("delivered"), 100U);
    EXPECT_GT(status("probes"), 10U);
}

}  // namespace
}  // namespace sluice::job_controller
