#include "worker.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <vector>

#include "base/limit_hits.h"
#include "base/log.h"
#include "net/handoff.h"
#include "net/socket.h"
#include "server_thread.h"

namespace sluice::smtp_server {

namespace {

using config::OptionId;

constexpr std::chrono::seconds heartbeat_interval{30};
/// Connections taken from the channel before anything else gets its turn.
constexpr int receive_burst = 64;
/// Messages that are with the content filters of their destinations at a time.
constexpr unsigned slow_threads = 32;
/// Log-ins that wait at a time for others: PAM, Dovecot. Those that only compute take turns.
constexpr unsigned login_threads = 32;

/// Records on their way to the dispatcher. Sessions never wait for it: they leave their record here
/// and wake the main thread.
class Outbox {
public:
    Outbox() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

    void add(net::WorkerRecord record) {
        {
            const std::lock_guard lock(mutex_);
            records_.push_back(std::move(record));
        }
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    }
    [[nodiscard]] std::deque<net::WorkerRecord> take() {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto seen = ::read(wake_.get(), &count, sizeof count);
        const std::lock_guard lock(mutex_);
        return std::exchange(records_, {});
    }
    [[nodiscard]] int wake_fd() const { return wake_.get(); }

private:
    UniqueFd wake_;
    std::mutex mutex_;
    std::deque<net::WorkerRecord> records_;
};

queue::CommitGroupOptions commit_options(enqueue::Runtime& runtime) {
    queue::CommitGroupOptions options = enqueue::commit_options(runtime.site(), release_committed);
    options.delay = std::chrono::milliseconds(
        runtime.configuration().options.integer(OptionId::queue_commit_delay_ms)
    );
    return options;
}

class Worker {
public:
    Worker(ServerContextPtr context, UniqueFd channel, const WorkerSettings& settings)
        : context_(std::move(context)),
          reload_(settings.reload),
          channel_(std::move(channel)),
          commits_(context_->runtime.store(), commit_options(context_->runtime)),
          pool_(settings.blocking_threads),
          slow_pool_(slow_threads),
          login_pool_(login_threads) {
        const ServerThread::Shared shared{context_->runtime,
                                          commits_,
                                          pool_,
                                          slow_pool_,
                                          login_pool_,
                                          [this](net::ConnectionDone done) { outbox_.add(std::move(done)); }};
        for (unsigned i = 0; i < std::max(settings.threads, 1U); ++i)
            threads_.push_back(std::make_unique<ServerThread>(shared));
    }

    int run() {
        if (!prepare()) return 1;
        outbox_.add(net::WorkerReady{});
        next_heartbeat_ = MonoTime::clock::now() + heartbeat_interval;
        while (!(retiring_ && active_ == 0)) turn();
        outbox_.add(net::WorkerGoing{});
        send_records();
        diag::info("ended, all sessions are over");
        return 0;
    }

private:
    bool prepare() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        signals_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
        return signals_ && net::set_nonblocking(channel_.get(), true);
    }

    void turn() {
        std::array<pollfd, 3> waiting{{
            {outbox_.wake_fd(), POLLIN, 0},
            {signals_.get(), POLLIN, 0},
            {channel_.get(), POLLIN, 0},
        }};
        if (!unsent_.empty()) waiting[2].events |= POLLOUT;
        const auto until = next_heartbeat_ - MonoTime::clock::now();
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until).count();
        ::poll(waiting.data(), channel_ ? 3 : 2, static_cast<int>(std::max<long>(wait, 0)));
        if (MonoTime::clock::now() >= next_heartbeat_) {
            next_heartbeat_ += heartbeat_interval;
            outbox_.add(net::WorkerHeartbeat{});
        }
        read_signals();
        receive_connections();
        send_records();
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
            if (!std::exchange(shutting_down_, true)) diag::info("told to stop");
            retire();
            for (const auto& thread : threads_) thread->shut_down();
        }
    }

    void receive_connections() {
        for (int i = 0; i < receive_burst && channel_; ++i) {
            auto record = net::receive_dispatcher_record(channel_.get());
            if (record) {
                on_record(std::move(*record));
                continue;
            }
            const int problem = record.error().error_number();
            if (problem == EAGAIN || problem == EWOULDBLOCK) return;
            if (problem == 0 ||
                problem == EMSGSIZE) {  // one bad record; the dispatcher offers again
                diag::warning(record.error().detail());
                continue;
            }
            diag::warning("the dispatcher is gone: finishing the sessions");
            channel_.reset();
            unsent_.clear();
            retire();
        }
    }

    void on_record(net::DispatcherRecord record) {
        if (std::holds_alternative<net::ReloadOrder>(record)) return reload();
        if (const auto* pressure = std::get_if<net::PressureOrder>(&record))
            return take_pressure(*pressure);
        auto* connection = std::get_if<net::HandedConnection>(&record);
        if (connection == nullptr) return retire();
        outbox_.add(net::ConnectionAccepted{connection->id});
        ++active_;
        if (!connection->socket) return give_up(connection->id);
        threads_[next_thread_]->take(std::move(*connection), context_);
        next_thread_ = (next_thread_ + 1) % threads_.size();
    }

    /// Said nothing, the dispatcher would take this process for stuck and kill it, with all who are
    /// served. The client finds its connection closed, and comes again.
    void give_up(std::uint64_t connection) {
        limits::hit(
            limits::Limit::descriptors, "out of descriptors, a connection was closed without a word"
        );
        outbox_.add(net::ConnectionDone{connection, 0, 0, "out of descriptors"});
    }

    void take_pressure(const net::PressureOrder& order) {
        const auto& behind = order.channels_behind;
        if (!Pressure::of_process().set(order.stressed, {behind.begin(), behind.end()})) return;
        for (const auto& thread : threads_) thread->reconsider();
    }

    // Done here and not beside: what comes behind the order on the channel begins with what it
    // brought. Sessions go on meanwhile on their threads.
    void reload() {
        auto fresh = reload_();
        net::WorkerReloaded reloaded;
        reloaded.taken = fresh.has_value();
        if (fresh) {
            context_ = std::move(*fresh);
            diag::info(
                "configuration of generation " +
                std::to_string(context_->configuration().generation) + " for new sessions"
            );
        } else {
            reloaded.text = fresh.error().detail();
            diag::warning("configuration not taken: " + reloaded.text);
        }
        reloaded.generation = context_->configuration().generation;
        outbox_.add(std::move(reloaded));
    }

    void retire() {
        if (!std::exchange(retiring_, true)) diag::info("retiring: no more connections");
    }

    void send_records() {
        for (net::WorkerRecord& record : outbox_.take()) {
            if (std::holds_alternative<net::ConnectionDone>(record)) --active_;
            if (channel_) unsent_.push_back(std::move(record));
        }
        while (!unsent_.empty()) {
            const auto sent = net::send_record(channel_.get(), unsent_.front());
            if (!sent && sent.error().error_number() == EAGAIN) return;
            unsent_.pop_front();  // of another failure the next read tells
        }
    }

    ServerContextPtr context_;  ///< of the next session
    std::function<Result<ServerContextPtr>()> reload_;
    UniqueFd channel_;
    UniqueFd signals_;
    Outbox outbox_;
    // In this order: threads end last, since the others post to them; sessions are over by then.
    std::vector<std::unique_ptr<ServerThread>> threads_;
    queue::CommitGroup commits_;
    BlockingPool pool_;
    BlockingPool slow_pool_;
    BlockingPool login_pool_;
    std::deque<net::WorkerRecord> unsent_;
    MonoTime next_heartbeat_{};
    std::size_t next_thread_ = 0;
    std::size_t active_ = 0;
    bool retiring_ = false;
    bool shutting_down_ = false;
};

}  // namespace

int run_worker(ServerContextPtr context, UniqueFd channel, const WorkerSettings& settings) {
    return Worker(std::move(context), std::move(channel), settings).run();
}

}  // namespace sluice::smtp_server
