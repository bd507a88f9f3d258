// Entries of the Post.Office log from hostile text: each line begins with its time, or with a tab
// in a control record; no control character, no line of the client's own; fields in brackets end
// where they should.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "postoffice_log/render.h"
#include "support/fuzzed_event.h"

namespace {

using namespace sluice;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_line(std::string_view line, bool first) {
    constexpr std::string_view time = "20231114221320+0000:";
    if (line.starts_with('\t')) {
        require(!first && line.find(": ") != std::string_view::npos);
        line.remove_prefix(1);
    } else {
        require(line.starts_with(time) && is_alpha(line[time.size()]));
    }
    for (const char c : line) require(!is_control(c));
    require(is_utf8(line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t half = std::min(input.find('\xFF'), input.size());
    std::vector<log::Event> events{test::event_from(input.substr(0, half))};
    if (half < input.size()) events.push_back(test::event_from(input.substr(half + 1)));
    postoffice_log::RenderOptions options;
    options.host = "mail.example.com";
    options.zone = TimeZone();
    std::string out;
    postoffice_log::render(out, events, options);
    bool first = true;
    for (std::string_view rest = out; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        require(end != std::string_view::npos);
        check_line(rest.substr(0, end), first);
        first = false;
        rest.remove_prefix(end + 1);
    }
    return 0;
}
