// Header option files: any text is read without harm, and what was read trims any header without
// touching what stands behind it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/header_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = input.find('\0');
    Diagnostics findings;
    const auto options =
        config::parse_header_options(input.substr(0, cut), "l_headers.opt", findings);
    for (const auto& finding : findings.items()) (void)finding.to_string();
    if (cut == std::string_view::npos) return 0;
    const std::string header = std::string(input.substr(cut + 1)) + "\r\n\r\n";
    const auto once = message::trim_header(header, options);
    if (once && !once->ends_with("\r\n")) std::abort();
    (void)message::trim_header(header, options, true);
    return 0;
}
