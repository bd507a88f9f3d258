#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "access/log_action.h"
#include "config/configuration.h"
#include "log/sink.h"
#include "lookup/sources.h"

namespace sluice::enqueue {

/// Asks the table LOG_ACTION about every entry of the log. A thread of its own does it, since a
/// call-out may take seconds: mail does not wait. What piles up beyond a limit is not asked about.
/// The thread begins with the first entry; make the object after the last fork. Thread-safe.
class LogActionSink final : public log::EventSink {
public:
    explicit LogActionSink(config::ConfigurationPtr configuration);
    /// Asks about what is left, for two seconds at most.
    ~LogActionSink() override;

    /// Only what mail.log has.
    [[nodiscard]] bool wants(log::EventKind) const override { return false; }
    void post(std::span<const log::Event> events, const log::LogOptions& options) override;
    void flush() override {}

private:
    void run();
    void ask(const access::LogRecord& record);

    const config::ConfigurationPtr configuration_;
    lookup::Sources sources_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<access::LogRecord> records_;
    bool overflowing_ = false;
    bool ending_ = false;
    MonoTime give_up_{};
    std::thread thread_;
};

/// "source-channel|..." of an event, as LOG_DIAGNOSTICS and LOG_REASON (bit 1) want it. Pure.
[[nodiscard]] access::LogRecord log_record(const log::Event& event, const log::LogOptions& options);

}  // namespace sluice::enqueue
