#pragma once

#include <functional>
#include <string_view>

#include "log/sink.h"

namespace sluice::log {

/// HELD_SNDOPR: a line about every message that is held, to whoever watches the machine's log.
class HeldSink final : public EventSink {
public:
    using Notice = std::function<void(std::string_view)>;
    /// `notice` takes a line; thread-safe, and it never waits.
    explicit HeldSink(Notice notice) : notice_(std::move(notice)) {}

    [[nodiscard]] bool wants(EventKind kind) const override { return kind == EventKind::held; }
    [[nodiscard]] bool reads(EventKind kind) const override { return wants(kind); }
    void post(std::span<const Event> events, const LogOptions& options) override;
    void flush() override {}

private:
    Notice notice_;
};

}  // namespace sluice::log
