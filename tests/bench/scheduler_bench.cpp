#include <benchmark/benchmark.h>
#include <malloc.h>

#include <memory>
#include <string>
#include <vector>

#include "job_controller/scheduler.h"

// What the job controller's judgement costs for one message while so many others are queued (the
// argument), for 10,000 hosts: times must not grow with the queue, memory must stay below 400
// octets a message.
namespace {

using namespace sluice;
using namespace sluice::job_controller;
using namespace std::chrono_literals;

constexpr std::int64_t hosts = 10000;
constexpr WorkerId worker = 1;
const std::string channel = "tcp_local";

std::size_t heap_in_use() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

JobControllerSettings settings() {
    ChannelSettings one;
    one.name = channel;
    one.anon_host = false;
    one.host_backoff = {};
    JobControllerSettings all;
    all.channels = {one};
    all.max_messages = 10'000'000;
    all.identify_scanned = false;
    return all;
}

/// A scheduler with a queue of a given length, and the facts of one message after the other.
class Queue {
public:
    explicit Queue(std::int64_t messages) : scheduler_(settings(), now_) {
        for (std::int64_t i = 0; i < messages; ++i) add();
        (void)scheduler_.settle(now_);
    }

    jobs::NewMessage next() {
        jobs::NewMessage news;
        news.channel = channel;
        news.file = "000/ZZ84PHKX1L" + std::to_string(10'000'000 + ++last_) + ".00";
        news.host = "mx" + std::to_string(last_ % hosts) + ".example";
        news.size = 4096;
        news.enqueued = wall_ += 1ms;
        return news;
    }
    std::string add() {
        const jobs::NewMessage news = next();
        if (scheduler_.enqueue(news, now_) != EnqueueResult::tracked) std::abort();
        return news.file;
    }
    jobs::WorkItem take() {
        jobs::Ask ask;
        ask.channel = channel;
        ask.pid = 1;
        ask.patience = 60;
        now_ += 1ms;
        if (!scheduler_.ask(worker, ask, now_)) std::abort();
        for (Decision& decision : scheduler_.settle(now_)) {
            if (auto* give = std::get_if<GiveWork>(&decision)) return give->work.items.front();
        }
        std::abort();
    }
    void report(
        const jobs::WorkItem& item, jobs::Outcome outcome, jobs::HostReport host, std::string file
    ) {
        jobs::DoneItem done;
        done.handle = item.handle;
        done.outcome = outcome;
        done.host_report = host;
        done.new_file = std::move(file);
        scheduler_.done(worker, done, now_);
    }
    void forget(const std::string& file) {
        if (scheduler_.forget(channel, file) != 1) std::abort();
    }
    void settle() {
        now_ += 1ms;
        benchmark::DoNotOptimize(scheduler_.settle(now_));
    }

private:
    MonoTime now_{std::chrono::hours(1000)};
    WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
    Scheduler scheduler_;
    std::int64_t last_ = 0;
};

/// Queues are made once for each length and used by all.
Queue& queue_of(std::int64_t messages) {
    static std::unique_ptr<Queue> queue;
    static std::int64_t length = 0;
    if (length != messages) {
        queue.reset();
        queue = std::make_unique<Queue>(messages);
        length = messages;
    }
    return *queue;
}

void enqueue_and_forget(benchmark::State& state) {
    Queue& queue = queue_of(state.range(0));
    for (auto _ : state) queue.forget(queue.add());
}

void enqueue_deliver(benchmark::State& state) {
    Queue& queue = queue_of(state.range(0));
    for (auto _ : state) {
        queue.add();
        queue.report(queue.take(), jobs::Outcome::ok, jobs::HostReport::reached, {});
    }
}

void fail_and_retry_later(benchmark::State& state) {
    Queue& queue = queue_of(state.range(0));
    for (auto _ : state) {
        queue.add();
        const jobs::WorkItem item = queue.take();
        queue.report(item, jobs::Outcome::temp, jobs::HostReport::reached, item.file);
        queue.forget(item.file);
    }
}

void settle_without_news(benchmark::State& state) {
    Queue& queue = queue_of(state.range(0));
    for (auto _ : state) queue.settle();
}

void memory(benchmark::State& state) {
    std::size_t octets = 0;
    for (auto _ : state) {
        const std::size_t before = heap_in_use();
        const Queue queue(state.range(0));
        octets = heap_in_use() - before;
    }
    state.counters["octets_per_message"] =
        static_cast<double>(octets) / static_cast<double>(state.range(0));
}

struct Operation {
    const char* name;
    void (*function)(benchmark::State&);
};
constexpr Operation operations[] = {
    {"enqueue_and_forget", enqueue_and_forget},
    {"enqueue_deliver", enqueue_deliver},
    {"fail_and_retry_later", fail_and_retry_later},
    {"settle_without_news", settle_without_news},
};

constexpr std::int64_t ten_thousand = 10'000;
constexpr std::int64_t million = 1'000'000;

}  // namespace

// By length, so that each queue is filled once.
int main(int argc, char** argv) {
    for (std::int64_t length = ten_thousand; length <= million; length *= 10) {
        for (const auto& [name, function] : operations)
            benchmark::RegisterBenchmark(name, function)->Arg(length);
    }
    for (std::int64_t length = ten_thousand; length <= million; length *= 10)
        benchmark::RegisterBenchmark("memory", memory)->Arg(length)->Iterations(1);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
