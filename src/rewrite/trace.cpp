#include "rewrite/trace.h"

#include "base/bytes.h"

namespace sluice::rewrite {

std::string_view to_string(TraceEvent event) {
    switch (event) {
        case TraceEvent::address:
            return "address";
        case TraceEvent::probe:
            return "probe";
        case TraceEvent::asked:
            return "asked";
        case TraceEvent::considered:
            return "considered";
        case TraceEvent::rule_failed:
            return "rule failed";
        case TraceEvent::rule_matched:
            return "rule matched";
        case TraceEvent::channel_table:
            return "channel table";
        case TraceEvent::as_is:
            return "as is";
        case TraceEvent::route_removed:
            return "route removed";
        case TraceEvent::mailbox:
            return "mailbox";
        case TraceEvent::proper_name:
            return "proper name";
        case TraceEvent::done:
            return "done";
        case TraceEvent::failed:
            break;
    }
    return "failed";
}

std::string TraceStep::to_debug_string() const {
    std::string out(to_string(event));
    if (!pattern.empty()) out += " [" + pattern + ']';
    if (rule.file) out += ' ' + rule.to_string();
    if (!template_text.empty()) out += ": " + template_text;
    if (!detail.empty()) out += ": " + detail;
    return printable(out);
}

std::string to_debug_string(const Trace& trace) {
    std::string out;
    for (const auto& step : trace) out += step.to_debug_string() + '\n';
    return out;
}

}  // namespace sluice::rewrite
