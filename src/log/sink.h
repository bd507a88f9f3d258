#pragma once

#include <span>

#include "log/event.h"
#include "log/log_options.h"

namespace sluice::log {

/// Another reader of the events than mail.log: a log in another dialect, the system log, the
/// counters. TransactionLog hands every event to each of its sinks, whether or not the channel's
/// `logging` wants it in mail.log (Event::logged tells), in the order in which the process reports
/// them. A sink decides for itself what it makes of them.
class EventSink {
public:
    EventSink() = default;
    EventSink(const EventSink&) = delete;
    EventSink& operator=(const EventSink&) = delete;
    EventSink(EventSink&&) = delete;
    EventSink& operator=(EventSink&&) = delete;
    virtual ~EventSink() = default;

    /// Whether events of this kind lead to anything. Those that nobody wants are not even made, so
    /// this must be cheap. Thread-safe; the answer may change while the process runs.
    [[nodiscard]] virtual bool wants(EventKind kind) const = 0;
    /// Whether post() looks at events of this kind, which may have been made for others: those that
    /// nobody reads need not be kept until they are posted. Cheap, thread-safe, and the same answer
    /// for the sink's whole life.
    [[nodiscard]] virtual bool reads(EventKind /*kind*/) const { return true; }
    /// The events of one operation (all recipients of a message), with the log options of the
    /// channel. Kinds that are not wanted or not read may be among them. Thread-safe; must not
    /// throw, and must not wait for anybody but the disk: mail waits for it.
    virtual void post(std::span<const Event> events, const LogOptions& options) = 0;
    /// Returns when everything posted before is written or, if that fails, kept for later.
    /// Thread-safe.
    virtual void flush() = 0;
};

}  // namespace sluice::log
