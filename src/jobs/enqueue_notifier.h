#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/protocol.h"

namespace sluice::jobs {

/// Tells the job controller about committed message files, without ever making the caller wait.
/// A background thread sends batches and reconnects; while the job controller is away up to
/// `buffer` notifications are kept and further ones are dropped and counted. A dropped one loses
/// nothing: the files are the truth and the job controller's scan finds them (spec: queue.md
/// section 4.1 step 7). Thread-safe; one per process.
class EnqueueNotifier {
public:
    struct Options {
        std::string socket_path;
        std::size_t buffer = 65536;                    ///< notifications
        std::chrono::milliseconds reconnect{500};      ///< between attempts to connect
        std::chrono::milliseconds answer{10000};       ///< longest wait for one answer
        std::chrono::milliseconds flush_at_end{2000};  ///< how long the destructor tries
        /// Told what is announced and what comes of it (CACHE_DEBUG), on the background thread; may
        /// be empty.
        std::function<void(std::string_view line)> say = {};
    };
    struct Counters {
        std::uint64_t sent = 0;      ///< acknowledged by the job controller
        std::uint64_t refused = 0;   ///< it said they name no channel or queue file of its own
        std::uint64_t dropped = 0;   ///< buffer full, or left over at the end
        std::uint64_t connects = 0;  ///< connections made
    };

    explicit EnqueueNotifier(Options options);
    EnqueueNotifier(const EnqueueNotifier&) = delete;
    EnqueueNotifier& operator=(const EnqueueNotifier&) = delete;
    ~EnqueueNotifier();

    /// Takes the messages over and returns at once.
    void notify(NewMessage message);
    void notify(std::vector<NewMessage> messages);
    /// Waits until everything taken so far was answered or dropped; false when `limit` passed.
    bool flush(std::chrono::milliseconds limit);
    [[nodiscard]] Counters counters() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::jobs
