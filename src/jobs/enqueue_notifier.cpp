#include "jobs/enqueue_notifier.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/limit_hits.h"
#include "jobs/connection.h"

namespace sluice::jobs {

using std::chrono::steady_clock;

struct EnqueueNotifier::Impl {
    explicit Impl(Options given) : options(std::move(given)) {}

    const Options options;
    mutable std::mutex mutex;
    std::condition_variable wake;     // for the thread
    std::condition_variable settled;  // for flush()
    std::deque<NewMessage> waiting;
    std::size_t in_flight = 0;
    std::optional<steady_clock::time_point> end;  // set by the destructor
    Counters counters;
    std::thread thread;

    // The thread's own.
    std::optional<Connection> connection;
    Enqueue batch;

    void take(NewMessage&& message) {
        if (end || waiting.size() + in_flight >= options.buffer) {
            ++counters.dropped;
            if (end) return;
            limits::hit(
                limits::Limit::announcements,
                "the job controller is told nothing more until it takes what it was told; it finds "
                "the messages by itself"
            );
        } else {
            waiting.push_back(std::move(message));
        }
    }

    [[nodiscard]] bool time_is_up() const { return end && steady_clock::now() >= *end; }

    /// Waits for something to send; false when the thread shall end.
    bool next_batch() {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return !waiting.empty() || end; });
        if (waiting.empty() || time_is_up()) return false;
        const std::size_t count = std::min(waiting.size(), max_batch);
        const auto last = waiting.begin() + static_cast<std::ptrdiff_t>(count);
        batch.messages.assign(
            std::make_move_iterator(waiting.begin()), std::make_move_iterator(last)
        );
        waiting.erase(waiting.begin(), last);
        in_flight = count;
        return true;
    }

    /// Sleeps between attempts to connect; false when the thread shall end.
    bool pause() {
        std::unique_lock lock(mutex);
        auto until = steady_clock::now() + options.reconnect;
        if (!end) {
            wake.wait_until(lock, until, [this] { return end.has_value(); });
        } else {
            until = std::min(until, *end);
            wake.wait_until(lock, until, [] { return false; });
        }
        return !time_is_up();
    }

    bool connected() {
        if (connection) return true;
        auto opened = Connection::open(options.socket_path, Role::enqueuer, options.answer);
        if (!opened) {
            say("not connected to the job controller: " + opened.error().detail());
            return false;
        }
        say("connected to the job controller");
        connection.emplace(std::move(*opened));
        const std::lock_guard lock(mutex);
        ++counters.connects;
        return true;
    }

    Result<Accepted> exchange(const std::string& frame) {
        const auto deadline = steady_clock::now() + options.answer;
        if (auto sent = connection->send(frame, deadline); !sent) return std::move(sent).error();
        return connection->receive_as<Accepted>(deadline);
    }

    /// Sends the batch until it is answered; false when the thread shall end.
    bool deliver() {
        const auto frame = encode(batch);
        if (!frame) {  // a field over its ceiling: the scan finds the files
            finish_batch({0, static_cast<std::uint32_t>(batch.messages.size())});
            return true;
        }
        while (true) {
            if (connected()) {
                // Sending a batch twice is harmless: the job controller knows files by name.
                auto answer = exchange(*frame);
                if (answer) {
                    finish_batch(*answer);
                    return true;
                }
                connection.reset();
            }
            if (!pause()) return false;
        }
    }

    void say(const std::string& text) const {
        if (options.say) options.say("cache: " + text);
    }

    void say_batch(const Accepted& answer) const {
        if (!options.say) return;
        for (const NewMessage& message : batch.messages) {
            say(message.channel + '/' + message.file + " announced" +
                (message.host.empty() ? "" : ", for host " + message.host) + ", recipients " +
                std::to_string(message.recipients));
        }
        if (answer.refused > 0)
            say(std::to_string(answer.refused) + " announcements refused by the job controller");
    }

    void finish_batch(Accepted answer) {
        say_batch(answer);
        const std::lock_guard lock(mutex);
        counters.sent += answer.accepted;
        counters.refused += answer.refused;
        in_flight = 0;
        batch.messages.clear();
        if (waiting.empty()) settled.notify_all();
    }

    bool is_all_told() {
        const std::lock_guard lock(mutex);
        return in_flight == 0 && waiting.empty() && counters.dropped == 0;
    }

    /// All that was committed has been told: the job controller need not look for more.
    void take_leave() {
        const auto frame = encode(Enqueue{});
        if (!connection || !frame) return;
        if (!exchange(*frame)) connection.reset();
    }

    void run() {
        // Known from the start, the job controller notices when this process dies with news untold.
        connected();
        while (next_batch() && deliver()) {
        }
        if (is_all_told()) take_leave();
        const std::lock_guard lock(mutex);
        counters.dropped += waiting.size() + in_flight;
        waiting.clear();
        in_flight = 0;
        settled.notify_all();
    }
};

EnqueueNotifier::EnqueueNotifier(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

EnqueueNotifier::~EnqueueNotifier() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->end = steady_clock::now() + impl_->options.flush_at_end;
    }
    impl_->wake.notify_all();
    impl_->thread.join();
}

void EnqueueNotifier::notify(NewMessage message) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->take(std::move(message));
    }
    impl_->wake.notify_one();
}

void EnqueueNotifier::notify(std::vector<NewMessage> messages) {
    {
        const std::lock_guard lock(impl_->mutex);
        for (NewMessage& message : messages) impl_->take(std::move(message));
    }
    impl_->wake.notify_one();
}

bool EnqueueNotifier::flush(std::chrono::milliseconds limit) {
    std::unique_lock lock(impl_->mutex);
    return impl_->settled.wait_for(lock, limit, [this] {
        return impl_->waiting.empty() && impl_->in_flight == 0;
    });
}

EnqueueNotifier::Counters EnqueueNotifier::counters() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->counters;
}

}  // namespace sluice::jobs
