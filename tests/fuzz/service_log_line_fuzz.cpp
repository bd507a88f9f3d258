// Lines of service logs: any text is read or refused; what was read is written as one line of
// printable ASCII that reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "service_log/line.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = service_log::parse_line(text);
    if (!line) return 0;
    std::string written = service_log::format_line(*line, TimeZone());
    require(written.ends_with('\n'));
    written.pop_back();
    for (const char c : written) require(!is_control(c) && static_cast<unsigned char>(c) < 0x80);
    const auto again = service_log::parse_line(written);
    require(again.has_value());
    require(again->time == line->time && again->pid == line->pid);
    require(again->category == line->category && again->level == line->level);
    require(again->message == service_log::plain_text(line->message));
    return 0;
}
