#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "log/append_file.h"
#include "log/event.h"
#include "log/log_options.h"
#include "log/rotation.h"
#include "log/sink.h"

namespace sluice::log {

/// LOG_FULL_ACTION: what follows when the buffer is full too.
enum class FullAction { drop, stop };

/// Where and how a process writes its transaction log.
struct LogSettings {
    std::string message_log;     ///< .../mail.log_current
    std::string connection_log;  ///< .../connection.log_current, for SEPARATE_CONNECTION_LOG
    std::string lock_file;       ///< .../mail.log_lock
    LogOptions options;
    Rotation rotation;
    TimeZone zone = TimeZone::system();
    std::size_t buffer_max = 64UL << 20U;  ///< LOG_BUFFER_MAX, bytes
    FullAction full_action = FullAction::drop;
    /// Told when a file cannot be written, once a minute at most (LOG_SNDOPR); may be empty.
    std::function<void(std::string_view)> alarm = {};
};

/// Lines on their way into one file. write() callers that meet share one write(2): whoever gets the
/// file first writes what all have posted. Thread-safe.
class LineWriter {
public:
    LineWriter(
        std::string path,
        std::string lock_path,
        std::size_t buffer_max,
        std::function<void(std::string_view)> alarm = {},
        Rotation rotation = {}
    )
        : lock_(std::move(lock_path)),
          file_(std::move(path), lock_),
          buffer_max_(buffer_max),
          alarm_(std::move(alarm)),
          rotation_(rotation) {}
    /// Writes what is left: somebody may have posted after the last flush().
    ~LineWriter() { flush(); }
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;
    LineWriter(LineWriter&&) = delete;
    LineWriter& operator=(LineWriter&&) = delete;

    /// Takes whole lines; they reach the file with the next flush() of any thread.
    void post(std::string_view lines);
    /// Returns when everything posted before is in the file or, if that fails, kept for later.
    void flush();
    /// Bytes posted and not yet written.
    [[nodiscard]] std::size_t buffered() const;
    /// Whether the last write fell short.
    [[nodiscard]] bool is_failing() const;
    /// Lines thrown away because the buffer was full.
    [[nodiscard]] std::uint64_t dropped() const;

private:
    void raise_alarm();
    /// Records the outcome of a write; on a change of fortune tells the component log.
    void note_outcome(std::size_t left);

    mutable std::mutex pending_mutex_;  // guards the five below
    std::string pending_;
    std::size_t backlog_size_ = 0;
    bool failing_ = false;
    std::uint64_t dropped_ = 0;
    std::uint64_t dropped_before_ = 0;  // at the begin of the failure in progress

    std::mutex file_mutex_;  // guards the three below; taken before pending_mutex_
    std::string backlog_;    // taken from pending_, not in the file yet
    WriterLock lock_;
    AppendFile file_;
    const std::size_t buffer_max_;
    const std::function<void(std::string_view)> alarm_;
    const Rotation rotation_;
    std::optional<MonoTime> alarmed_;  // of the file_mutex_
};

/// Events of an operation whose outcome is not known yet, rendered already.
struct PreparedEntries {
    std::string messages;
    std::string connections;
    std::vector<Event> events;  ///< those that a sink reads
};

/// mail.log_current and connection.log_current of one process. Logging never refuses mail by
/// itself: while the file cannot be written lines are buffered up to LOG_BUFFER_MAX, then dropped
/// and counted. With LOG_FULL_ACTION=stop the caller asks must_stop() before it accepts a message.
/// Every event also goes to the sinks, in the order of the constructor's list.
/// Thread-safe.
class TransactionLog {
public:
    explicit TransactionLog(
        LogSettings settings, std::vector<std::unique_ptr<EventSink>> sinks = {}
    );

    /// Whether an event of this kind would be written anywhere; one that is not need not be made.
    /// `logged` as in Event.
    [[nodiscard]] bool wants(EventKind kind, bool logged, const LogOptions& options) const;
    /// Whether anything can come of an event at all: the question in front of a list of several
    /// kinds.
    [[nodiscard]] bool has_readers(bool logged) const;
    /// Other sinks from now on; the ones before are flushed and closed. For a new configuration.
    void replace_sinks(std::vector<std::unique_ptr<EventSink>> sinks);

    /// Writes the lines of one operation (all recipients of a message) with one write(2) and
    /// returns when they are in the file. Events the options do not want, and those not `logged`,
    /// are left to the sinks. `options` are those of the channel where it has its own
    /// LOG_CONNECTION.
    void write(std::span<const Event> events, const LogOptions& options);
    void write(std::span<const Event> events) { write(events, settings_.options); }
    void write(const Event& event) { write(std::span(&event, 1)); }
    /// Batching for event loops: post what the sessions report, flush once per turn of the loop.
    void post(std::span<const Event> events, const LogOptions& options);
    void post(std::span<const Event> events) { post(events, settings_.options); }
    /// For operations that others wait for: what it costs to render is spent before, by the thread
    /// that has the events; what is not posted has not happened.
    [[nodiscard]] PreparedEntries prepare(std::vector<Event> events, const LogOptions& options)
        const;
    void post(const PreparedEntries& entries, const LogOptions& options);
    void flush();

    /// LOG_FULL_ACTION=stop, and LOG_BUFFER_MAX is reached while a file cannot be written. What is
    /// logged all the same finds as much room again before lines are lost.
    [[nodiscard]] bool must_stop() const;
    [[nodiscard]] std::size_t buffered() const;
    [[nodiscard]] std::uint64_t dropped() const;
    [[nodiscard]] const LogOptions& options() const { return settings_.options; }

private:
    void render_lines(
        PreparedEntries& out, std::span<const Event> events, const LogOptions& options
    ) const;
    void post_lines(const PreparedEntries& entries);
    void tell_sinks(std::span<const Event> events, const LogOptions& options);

    LogSettings settings_;
    LineWriter messages_;
    LineWriter connections_;
    mutable std::shared_mutex sinks_mutex_;  // guards the list, not the sinks
    std::vector<std::unique_ptr<EventSink>> sinks_;
};

}  // namespace sluice::log
