#include "log/stdout_sink.h"

#include <algorithm>
#include <utility>

#include "base/time_zone.h"
#include "log/render.h"

namespace sluice::log {

namespace {

/// What one packet holds: well below what a datagram may have, and more than the longest line.
constexpr std::size_t packet_size = 32UL << 10U;
/// Where nobody reads, old lines are worth little: the log files have them.
constexpr std::size_t buffer_max = 4UL << 20U;
constexpr std::chrono::milliseconds farewell{200};

}  // namespace

StdoutSink::StdoutSink(std::string socket_path, Form form)
    : form_(std::move(form)),
      sender_({std::move(socket_path), "standard output", buffer_max, farewell}) {}

void StdoutSink::post(std::span<const Event> events, const LogOptions& options) {
    std::string lines;
    form_.render(lines, events, options);
    if (lines.empty()) return;
    const std::lock_guard lock(mutex_);
    lines_ += lines;
}

void StdoutSink::flush() {
    const std::lock_guard lock(mutex_);
    std::string_view rest = lines_;
    while (!rest.empty()) {
        std::size_t size = std::min(rest.size(), packet_size);
        const std::size_t end = rest.rfind('\n', size - 1);
        if (end != std::string_view::npos) size = end + 1;
        sender_.post(std::string(rest.substr(0, size)));
        rest.remove_prefix(size);
    }
    lines_.clear();
}

StdoutSink::Form entry_form(int format) {
    StdoutSink::Form form;
    form.wants = [](EventKind) { return false; };  // only what mail.log has
    form.render = [format, zone = TimeZone::system()](
                      std::string& out, std::span<const Event> events, const LogOptions& options
                  ) {
        constexpr int first_json = 5;
        LogOptions shown = options;
        if (format != 0) shown.format = format;
        if (format == 0 && shown.format >= first_json) shown.format = 1;
        for (const Event& event : events) {
            if (event.logged) log::render(out, event, shown, zone);
        }
    };
    return form;
}

}  // namespace sluice::log
