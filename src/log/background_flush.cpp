#include "log/background_flush.h"

#include <algorithm>
#include <utility>

namespace sluice::log {

namespace {

// What another process writes the next line about.
bool others_go_on(EventKind kind) {
    return kind == EventKind::enqueued || kind == EventKind::connection_arrived ||
           kind == EventKind::deliveries_begun;
}

}  // namespace

BackgroundFlush::BackgroundFlush(std::unique_ptr<EventSink> sink, std::chrono::milliseconds delay)
    : sink_(std::move(sink)), delay_(delay) {}

BackgroundFlush::~BackgroundFlush() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    sink_->flush();
}

void BackgroundFlush::post(std::span<const Event> events, const LogOptions& options) {
    sink_->post(events, options);
    const bool goes_elsewhere = std::any_of(events.begin(), events.end(), [](const Event& event) {
        return others_go_on(event.kind);
    });
    if (goes_elsewhere) urgent_ = true;
}

bool BackgroundFlush::flush_now_if_urgent() {
    const std::lock_guard lock(urgent_mutex_);
    if (!urgent_.exchange(false)) return false;
    sink_->flush();
    return true;
}

void BackgroundFlush::flush() {
    if (flush_now_if_urgent()) return;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(due_, true)) return;
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    changed_.notify_all();
}

void BackgroundFlush::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        changed_.wait(lock, [this] { return due_ || ending_; });
        changed_.wait_for(lock, delay_, [this] { return ending_; });
        due_ = false;
        lock.unlock();
        sink_->flush();
        lock.lock();
    }
}

}  // namespace sluice::log
