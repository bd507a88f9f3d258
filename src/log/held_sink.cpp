#include "log/held_sink.h"

#include "base/bytes.h"

namespace sluice::log {

void HeldSink::post(std::span<const Event> events, const LogOptions& /*options*/) {
    const Event* told = nullptr;
    for (const Event& event : events) {
        if (event.kind != EventKind::held || event.cause == Cause::released) continue;
        // The recipients of a message come one after the other.
        if (told != nullptr && event.file_name == told->file_name) continue;
        told = &event;
        notice_("message " + printable(event.file_name) + ' ' + printable(event.diagnostic));
    }
}

}  // namespace sluice::log
