#include "dequeue/master.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "dequeue/message_worker.h"
#include "dequeue/work_debug.h"
#include "jobs/hold_list.h"
#include "jobs/hold_list_watch.h"
#include "jobs/worker_client.h"
#include "queue/scan.h"

namespace sluice::dequeue {

namespace {

/// How long an idle thread waits for work in one request.
constexpr std::chrono::seconds patience{60};
/// An idle thread that has waited this long closes what it keeps open towards its last destination.
constexpr std::chrono::seconds rest_after{1};
/// A batch that takes longer is handed back: the job controller has the next word on a slow host.
constexpr std::chrono::seconds longest_batch{10};

/// The threads of one master program: one to begin with, one more whenever the last idle one got
/// work.
class Crew {
public:
    Crew(
        enqueue::Runtime& runtime,
        const channel::Channel& channel,
        const MasterSettings& settings,
        const DelivererFactory& factory
    )
        : runtime_(runtime),
          channel_(channel),
          settings_(settings),
          factory_(factory),
          debug_(
              channel.has(channel::Keyword::master_debug) &&
              runtime.configuration().options.integer(config::OptionId::post_debug) != 0
          ) {}

    int run() {
        add_thread();
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [this] { return running_ == 0; });
        lock.unlock();
        for (std::thread& thread : threads_) thread.join();
        return reached_ ? 0 : 75;
    }

private:
    void add_thread() {
        const std::lock_guard lock(mutex_);
        if (threads_.size() >= settings_.thread_limit) return;
        const auto number = static_cast<unsigned>(threads_.size() + 1);
        ++running_;
        threads_.emplace_back([this, number] {
            work(number);
            const std::lock_guard guard(mutex_);
            if (--running_ == 0) ended_.notify_all();
        });
    }

    jobs::WorkerClient::Options client_options(unsigned number) const {
        jobs::WorkerClient::Options options;
        options.socket_path = enqueue::job_controller_socket(runtime_.configuration());
        options.channel = channel_.name();
        options.thread = number;
        options.thread_limit = static_cast<std::uint16_t>(settings_.thread_limit);
        options.job = jobs::WorkerClient::job_from_environment();
        return options;
    }

    void work(unsigned number) {
        auto client = jobs::WorkerClient::connect(client_options(number));
        if (!client) {
            diag::warning("no job controller: " + client.error().detail());
            return;
        }
        reached_ = true;
        const std::unique_ptr<Deliverer> deliverer = factory_(runtime_, channel_, number);
        MessageWorker worker(runtime_, channel_, *deliverer, number);
        jobs::HoldListWatch hold_list(
            jobs::hold_list_path(runtime_.store().root()), channel_.name()
        );
        bool resting = true;
        while (true) {
            ++idle_;
            auto answer =
                client->ask(static_cast<std::uint16_t>(settings_.batch), patience_of(resting));
            --idle_;
            if (!answer) {
                diag::info("job controller gone: " + answer.error().detail());
                break;
            }
            using Kind = jobs::WorkerClient::Answer::Kind;
            debug_.answered(*answer, number);
            if (answer->kind == Kind::exit) break;
            if (answer->kind == Kind::wait) {
                if (settings_.mode == MasterMode::until_idle) break;
                if (!resting) deliverer->rest();
                resting = true;
                if (answer->wait > std::chrono::seconds(0))
                    std::this_thread::sleep_for(answer->wait);
                continue;
            }
            resting = false;
            // One spare thread always waits, so that a slow host never keeps the others waiting.
            if (idle_ == 0) add_thread();
            if (!handle(*client, worker, hold_list, answer->work)) break;
        }
        deliverer->rest();
    }

    [[nodiscard]] std::chrono::seconds patience_of(bool resting) const {
        if (settings_.mode == MasterMode::until_idle) return std::chrono::seconds(0);
        return resting ? patience : rest_after;
    }

    /// False when the job controller went away; the rest of the batch is its business then. What
    /// is for a host that was just found unreachable is handed back untried, and so is what is left
    /// when the channel is stopped.
    bool handle(
        jobs::WorkerClient& client,
        MessageWorker& worker,
        jobs::HoldListWatch& hold_list,
        const jobs::Work& work
    ) const {
        const auto begun = std::chrono::steady_clock::now();
        bool hand_back = false;
        for (const jobs::WorkItem& item : work.items) {
            hand_back = hand_back || hold_list.is_stopped();
            const bool tried = !hand_back;
            jobs::DoneItem done = tried ? worker.handle(item) : untried(item);
            hand_back = hand_back ||
                        (done.host_report == jobs::HostReport::failed && !item.host.empty()) ||
                        std::chrono::steady_clock::now() - begun > longest_batch;
            debug_.done(item, done);
            auto reported = client.report(std::move(done));
            if (reported && tried && worker.met_overload()) reported = client.report_stress();
            if (!reported) {
                diag::info("job controller gone: " + reported.error().detail());
                return false;
            }
        }
        return true;
    }

    static jobs::DoneItem untried(const jobs::WorkItem& item) {
        jobs::DoneItem done;
        done.handle = item.handle;
        done.outcome = jobs::Outcome::untried;
        return done;
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    MasterSettings settings_;
    const DelivererFactory& factory_;
    const WorkDebug debug_;
    std::mutex mutex_;  // guards threads_, running_
    std::condition_variable ended_;
    std::vector<std::thread> threads_;
    unsigned running_ = 0;
    std::atomic<int> idle_{0};
    std::atomic<bool> reached_{false};
};

/// One attempt at every message that lies in the channel's directory, the oldest first. Locks keep
/// others away; what they have is left to them.
int run_alone(
    enqueue::Runtime& runtime, const channel::Channel& channel, const DelivererFactory& factory
) {
    std::vector<queue::MessageLocation> files;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& message) {
        if (message.name.state() == queue::MessageState::eligible)
            files.push_back(message.location());
    };
    if (auto scanned = queue::scan_channel(runtime.store(), channel.name(), visitor); !scanned) {
        diag::warning("the queue cannot be read: " + scanned.error().detail());
        return 75;
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return a.name.unique < b.name.unique;
    });
    const std::unique_ptr<Deliverer> deliverer = factory(runtime, channel, 1);
    MessageWorker worker(runtime, channel, *deliverer, 1);
    for (const queue::MessageLocation& file : files) {
        jobs::WorkItem item;
        item.file = file.sub_directory.empty() ? file.name.to_string()
                                               : file.sub_directory + '/' + file.name.to_string();
        item.attempts = static_cast<std::uint16_t>(file.name.attempts);
        const jobs::DoneItem done = worker.handle(item);
        if (!done.reason.empty()) diag::info(file.relative_path() + ": " + done.reason);
    }
    deliverer->rest();
    diag::info(std::to_string(files.size()) + " messages were tried");
    return 0;
}

}  // namespace

int run_master(
    enqueue::Runtime& runtime, const MasterSettings& settings, const DelivererFactory& factory
) {
    const channel::Channel* channel = runtime.configuration().imta.channels.find(settings.channel);
    if (channel == nullptr) {
        diag::warning("no channel " + settings.channel + " in the configuration");
        return 1;
    }
    if (settings.mode == MasterMode::standalone) return run_alone(runtime, *channel, factory);
    return Crew(runtime, *channel, settings, factory).run();
}

}  // namespace sluice::dequeue
