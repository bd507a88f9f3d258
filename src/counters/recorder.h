#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "counters/segment.h"
#include "log/sink.h"

namespace sluice::counters {

/// Counts what the transaction log reports. Where the counters cannot be had nothing is counted,
/// the reason is logged once, and another try is made later: mail never waits for its counters.
/// All that a process has for one file, as when a new configuration's takes the place of the one
/// before, are one: connections that are open stay so. Thread-safe.
class Recorder final : public log::EventSink {
public:
    /// `path`: see segment_path(). `channels`: CHANNEL_TABLE_SIZE. `look_again`: how often it is
    /// looked whether the file was taken away, and tried again to have one.
    Recorder(
        const std::string& path,
        std::size_t channels,
        std::chrono::milliseconds look_again = std::chrono::seconds(2)
    );
    ~Recorder() override;
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    [[nodiscard]] bool wants(log::EventKind kind) const override;
    [[nodiscard]] bool reads(log::EventKind kind) const override { return wants(kind); }
    void post(std::span<const log::Event> events, const log::LogOptions& options) override;
    void flush() override {}

    /// From now on limits that this process reaches are counted in the file (base/limit_hits.h).
    /// What cannot be counted now is counted with the next one.
    static void count_limits(const std::string& path, std::size_t channels = default_channels);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sluice::counters
