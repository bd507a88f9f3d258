#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <string>

#include "base/datagram_sender.h"
#include "log/sink.h"

namespace sluice::log {

/// Events as lines on the standard output of `imsimta start -foreground` (LOG_STDOUT), for service
/// managers and containers. Every program sends its lines to the watcher, which writes them one
/// after the other; nobody waits for whoever reads there.
class StdoutSink final : public EventSink {
public:
    struct Form {
        /// As EventSink::wants().
        std::function<bool(EventKind kind)> wants;
        /// Appends whole lines.
        std::function<void(std::string& out, std::span<const Event>, const LogOptions&)> render;
    };
    StdoutSink(std::string socket_path, Form form);

    [[nodiscard]] bool wants(EventKind kind) const override { return form_.wants(kind); }
    void post(std::span<const Event> events, const LogOptions& options) override;
    void flush() override;

private:
    const Form form_;
    DatagramSender sender_;
    std::mutex mutex_;  ///< guards lines_
    std::string lines_;
};

/// The entries of mail.log, in the form `format` of LOG_FORMAT; 0: as in the file, but text where
/// the file has JSON.
[[nodiscard]] StdoutSink::Form entry_form(int format);

}  // namespace sluice::log
