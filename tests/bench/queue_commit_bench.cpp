// How many 4 KiB messages a second the commit group makes durable.
//   queue_commit_bench DIRECTORY [SECONDS [COMMITTERS [SYNC_THREADS [DELAY_MS]]]]
// DIRECTORY must lie on the disk to be measured. The files stay there: ext4 makes creations slow
// for minutes after many removals (inode search, discard), so remove them when all runs are done.
// Prints one line each for 1, 20 and 100 producers, every one waiting for its own commit.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "queue/commit_group.h"
#include "queue/message_writer.h"
#include "queue/store.h"

namespace {

using namespace sluice;
using Steady = std::chrono::steady_clock;

struct Settings {
    std::string directory;
    double seconds = 3;
    queue::CommitGroupOptions commit;
};

unsigned number(const char* text) {
    return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

std::string fresh_directory(const std::string& parent) {
    for (int i = 0;; ++i) {
        std::string path = parent + "/queue-commit-bench." + std::to_string(i);
        if (std::filesystem::create_directory(path)) return path;
    }
}

queue::Envelope sample_envelope() {
    queue::Envelope envelope;
    envelope.enqueued = system_clock().wall_now();
    envelope.owner = "mta";
    envelope.source_channel = "tcp_local";
    envelope.source_host = "bench.example";
    envelope.envelope_id = "bench";
    envelope.sender = "from@bench.example";
    queue::Recipient recipient;
    recipient.address = "to@bench.example";
    envelope.recipients.push_back(recipient);
    return envelope;
}

/// Lets a producer wait for the answer to its message.
class Answer {
public:
    void give(bool good) {
        const std::lock_guard lock(mutex_);
        given_ = true;
        good_ = good;
        changed_.notify_one();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return given_; });
        given_ = false;
        return good_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool given_ = false;
    bool good_ = false;
};

void produce(
    queue::Store& store,
    queue::CommitGroup& group,
    const std::atomic<bool>& stop,
    std::vector<double>& latencies
) {
    const queue::Envelope envelope = sample_envelope();
    const std::string content(4096, 'x');
    Answer answer;
    while (!stop) {
        const auto start = Steady::now();
        auto writer = queue::MessageWriter::create(store, {"bench", 10, 0, {}}, envelope);
        if (!writer || !writer->append(content)) std::abort();
        auto finished = writer->finish();
        if (!finished) std::abort();
        std::vector<queue::FinishedFile> copies;
        copies.push_back(*std::move(finished));
        group.submit(std::move(copies), [&answer](const Result<void>& outcome) {
            answer.give(outcome.has_value());
        });
        if (!answer.wait()) std::abort();
        latencies.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count()
        );
    }
}

void measure(const Settings& settings, unsigned producers) {
    const std::string root = fresh_directory(settings.directory);
    auto store = queue::Store::open(root);
    if (!store) std::abort();
    std::vector<std::vector<double>> latencies(producers);
    queue::CommitStatistics statistics;
    double elapsed = 0;
    {
        queue::CommitGroup group(**store, settings.commit);
        std::atomic<bool> stop{false};
        std::vector<std::thread> threads;
        const auto start = Steady::now();
        for (auto& mine : latencies) {
            threads.emplace_back([&] { produce(**store, group, stop, mine); });
        }
        std::this_thread::sleep_for(std::chrono::duration<double>(settings.seconds));
        stop = true;
        for (std::thread& thread : threads) thread.join();
        elapsed = std::chrono::duration<double>(Steady::now() - start).count();
        statistics = group.statistics();
    }
    std::vector<double> all;
    for (const auto& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
    std::sort(all.begin(), all.end());
    const auto messages = static_cast<double>(all.size());
    std::printf(
        "producers %3u  messages/s %8.0f  p50 %6.2f ms  p99 %6.2f ms  batch %5.1f\n", producers,
        messages / elapsed, all.at(all.size() / 2), all.at(all.size() * 99 / 100),
        messages / static_cast<double>(std::max<std::uint64_t>(statistics.batches, 1))
    );
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(
            stderr, "usage: %s DIRECTORY [SECONDS [COMMITTERS [SYNC_THREADS [DELAY_MS]]]]\n",
            argv[0]
        );
        return 2;
    }
    Settings settings;
    settings.directory = argv[1];
    if (argc > 2) settings.seconds = std::strtod(argv[2], nullptr);
    if (argc > 3) settings.commit.committers = number(argv[3]);
    if (argc > 4) settings.commit.sync_threads = number(argv[4]);
    if (argc > 5) settings.commit.delay = std::chrono::milliseconds(number(argv[5]));
    for (const unsigned producers : {1U, 20U, 100U}) measure(settings, producers);
    return 0;
}
