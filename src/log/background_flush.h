#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "log/sink.h"

namespace sluice::log {

/// A sink whose flush() mostly does not wait: a thread flushes it a moment later, once for all who
/// asked meanwhile. For logs beside mail.log, which every session would have to lock and write for
/// a line or two. What another process writes the next line about is written before flush()
/// returns, with all that was posted earlier: what came into the queue, a connection that is handed
/// over, the start of deliveries. A process that is killed loses what
/// it posted since; the destructor flushes.
/// The thread begins with the first flush(): make the object after the last fork. Thread-safe.
class BackgroundFlush final : public EventSink {
public:
    BackgroundFlush(std::unique_ptr<EventSink> sink, std::chrono::milliseconds delay);
    ~BackgroundFlush() override;
    BackgroundFlush(const BackgroundFlush&) = delete;
    BackgroundFlush& operator=(const BackgroundFlush&) = delete;
    BackgroundFlush(BackgroundFlush&&) = delete;
    BackgroundFlush& operator=(BackgroundFlush&&) = delete;

    [[nodiscard]] bool wants(EventKind kind) const override { return sink_->wants(kind); }
    [[nodiscard]] bool reads(EventKind kind) const override { return sink_->reads(kind); }
    void post(std::span<const Event> events, const LogOptions& options) override;
    void flush() override;

private:
    bool flush_now_if_urgent();
    void run();

    const std::unique_ptr<EventSink> sink_;
    const std::chrono::milliseconds delay_;
    std::atomic<bool> urgent_{false};  ///< such an event was posted
    std::mutex urgent_mutex_;          ///< held while that is written: whoever posted it waits
    std::mutex mutex_;                 ///< guards what follows
    std::condition_variable changed_;
    bool due_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace sluice::log
