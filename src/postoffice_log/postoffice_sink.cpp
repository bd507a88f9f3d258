#include "postoffice_log/postoffice_sink.h"

namespace sluice::postoffice_log {

void PostOfficeSink::post(
    std::span<const log::Event> events, const log::LogOptions& /*options*/
) {
    std::string lines;
    render(lines, events, options_);
    if (!lines.empty()) file_.post(events.front().time, lines);
}

}  // namespace sluice::postoffice_log
