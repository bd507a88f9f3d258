#include "log/held_sink.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::log {

void HeldSink::post(std::span<const Event> events, const LogOptions& /*options*/) {
    const auto held = std::find_if(events.begin(), events.end(), [](const Event& event) {
        return event.kind == EventKind::held && event.cause != Cause::released;
    });
    if (held != events.end())
        notice_("message " + printable(held->file_name) + ' ' + printable(held->diagnostic));
}

}  // namespace sluice::log
