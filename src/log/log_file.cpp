#include "log/log_file.h"

#include <algorithm>
#include <utility>

#include "base/limit_hits.h"
#include "base/log.h"
#include "log/render.h"

namespace sluice::log {

namespace {

// What may wait for the next turn of an event loop.
constexpr std::size_t post_limit = 256UL << 10U;
// A buffer larger than this is given back once it is empty.
constexpr std::size_t kept_capacity = 1UL << 20U;

// A line with all that the options add.
constexpr std::size_t usual_line = 400;

std::size_t hard_limit(const LogSettings& settings) {
    return settings.full_action == FullAction::stop ? 2 * settings.buffer_max : settings.buffer_max;
}

}  // namespace

void LineWriter::post(std::string_view lines) {
    bool flush_now = false;
    {
        const std::lock_guard pending(pending_mutex_);
        if (failing_ && backlog_size_ + pending_.size() + lines.size() > buffer_max_) {
            const auto lost =
                static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
            dropped_ += lost;
            limits::hit(
                limits::Limit::log_buffer,
                file_.path() + " cannot be written and LOG_BUFFER_MAX is reached: entries are lost",
                lost
            );
            return;
        }
        pending_ += lines;
        flush_now = pending_.size() > post_limit;
    }
    if (flush_now) flush();
}

void LineWriter::flush() {
    const std::lock_guard file(file_mutex_);
    {
        const std::lock_guard pending(pending_mutex_);
        if (backlog_.empty()) {
            backlog_.swap(pending_);
        } else {
            backlog_ += pending_;
        }
        pending_.clear();
        backlog_size_ = backlog_.size();
    }
    if (backlog_.empty()) return;
    backlog_.erase(0, file_.append(backlog_));
    if (backlog_.empty() && backlog_.capacity() > kept_capacity) backlog_ = std::string();
    note_outcome(backlog_.size());
    if (rotation_.size > 0 && file_.size() >= rotation_.size)
        rotate_if_full(file_.path(), rotation_, lock_);
}

void LineWriter::note_outcome(std::size_t left) {
    const bool failing = left > 0;
    std::uint64_t lost = 0;
    {
        const std::lock_guard pending(pending_mutex_);
        backlog_size_ = left;
        if (failing == failing_) return;
        failing_ = failing;
        if (failing) dropped_before_ = dropped_;
        lost = dropped_ - dropped_before_;
    }
    if (failing) {
        raise_alarm();
        diag::warning(file_.failure() + "; entries are kept in memory");
    } else {
        diag::warning(file_.path() + " is written again, entries lost: " + std::to_string(lost));
    }
}

void LineWriter::raise_alarm() {
    constexpr std::chrono::minutes interval{1};
    const MonoTime now = system_clock().mono_now();
    if (!alarm_ || (alarmed_ && now - *alarmed_ < interval)) return;
    alarmed_ = now;
    alarm_(file_.failure() + "; entries are kept in memory");
}

std::size_t LineWriter::buffered() const {
    const std::lock_guard pending(pending_mutex_);
    return backlog_size_ + pending_.size();
}

bool LineWriter::is_failing() const {
    const std::lock_guard pending(pending_mutex_);
    return failing_;
}

std::uint64_t LineWriter::dropped() const {
    const std::lock_guard pending(pending_mutex_);
    return dropped_;
}

TransactionLog::TransactionLog(LogSettings settings, std::vector<std::unique_ptr<EventSink>> sinks)
    : settings_(std::move(settings)),
      messages_(
          settings_.message_log,
          settings_.lock_file,
          hard_limit(settings_),
          settings_.alarm,
          settings_.rotation
      ),
      connections_(
          settings_.connection_log,
          settings_.lock_file,
          hard_limit(settings_),
          settings_.alarm,
          settings_.rotation
      ),
      sinks_(std::move(sinks)) {}

bool TransactionLog::wants(EventKind kind, bool logged, const LogOptions& options) const {
    if (logged && is_wanted(kind, options)) return true;
    const std::shared_lock lock(sinks_mutex_);
    return std::any_of(sinks_.begin(), sinks_.end(), [&](const auto& sink) {
        return sink->wants(kind);
    });
}

bool TransactionLog::has_readers(bool logged) const {
    if (logged) return true;
    const std::shared_lock lock(sinks_mutex_);
    return !sinks_.empty();
}

void TransactionLog::replace_sinks(std::vector<std::unique_ptr<EventSink>> sinks) {
    {
        const std::unique_lock lock(sinks_mutex_);
        sinks_.swap(sinks);
    }
    for (const auto& sink : sinks) sink->flush();
}

void TransactionLog::render_lines(
    PreparedEntries& out, std::span<const Event> events, const LogOptions& options
) const {
    for (const Event& event : events) {
        if (!event.logged || syslog_option(event.kind, options) < 0) continue;
        const bool apart = options.separate_connection_log && is_connection_entry(event.kind);
        std::string& lines = apart ? out.connections : out.messages;
        if (lines.empty()) lines.reserve(usual_line * events.size());
        render(lines, event, options, settings_.zone);
    }
}

void TransactionLog::post_lines(const PreparedEntries& entries) {
    if (!entries.messages.empty()) messages_.post(entries.messages);
    if (!entries.connections.empty()) connections_.post(entries.connections);
}

void TransactionLog::tell_sinks(std::span<const Event> events, const LogOptions& options) {
    if (events.empty()) return;
    const std::shared_lock lock(sinks_mutex_);
    for (const auto& sink : sinks_) sink->post(events, options);
}

void TransactionLog::post(std::span<const Event> events, const LogOptions& options) {
    PreparedEntries lines;
    render_lines(lines, events, options);
    post_lines(lines);
    tell_sinks(events, options);
}

PreparedEntries TransactionLog::prepare(std::vector<Event> events, const LogOptions& options)
    const {
    PreparedEntries entries;
    render_lines(entries, events, options);
    const std::shared_lock lock(sinks_mutex_);
    std::erase_if(events, [&](const Event& event) {
        return std::none_of(sinks_.begin(), sinks_.end(), [&](const auto& sink) {
            return sink->reads(event.kind);
        });
    });
    entries.events = std::move(events);
    return entries;
}

void TransactionLog::post(const PreparedEntries& entries, const LogOptions& options) {
    post_lines(entries);
    tell_sinks(entries.events, options);
}

void TransactionLog::flush() {
    messages_.flush();
    connections_.flush();
    const std::shared_lock lock(sinks_mutex_);
    for (const auto& sink : sinks_) sink->flush();
}

void TransactionLog::write(std::span<const Event> events, const LogOptions& options) {
    post(events, options);
    flush();
}

bool TransactionLog::must_stop() const {
    const auto is_full = [&](const LineWriter& writer) {
        return writer.is_failing() && writer.buffered() >= settings_.buffer_max;
    };
    return settings_.full_action == FullAction::stop &&
           (is_full(messages_) || is_full(connections_));
}

std::size_t TransactionLog::buffered() const {
    return messages_.buffered() + connections_.buffered();
}

std::uint64_t TransactionLog::dropped() const {
    return messages_.dropped() + connections_.dropped();
}

}  // namespace sluice::log
