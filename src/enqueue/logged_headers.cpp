#include "enqueue/logged_headers.h"

#include <algorithm>
#include <utility>

#include "message/header_scanner.h"

namespace sluice::enqueue {

HeaderLogging header_logging(const channel::Channel* source, bool by_option) {
    constexpr std::int64_t dequeue_bit = 1;
    constexpr std::int64_t enqueue_bit = 2;
    if (source == nullptr || !source->is_given(channel::Keyword::logheader))
        return {by_option, false};
    const std::int64_t bits = source->limit(channel::Keyword::logheader).value_or(0);
    return {(bits & enqueue_bit) != 0, (bits & dequeue_bit) != 0};
}

std::vector<std::string> logged_header_lines(
    std::string_view header, const message::HeaderOptions& options
) {
    const auto trimmed = message::trim_header(header, options);
    std::vector<std::string> lines;
    const message::ScannerSettings settings;
    message::HeaderScanner scanner(settings, [&](std::string_view name, std::string_view value) {
        std::string line = std::string(name) + ": " + std::string(value);
        std::replace(line.begin(), line.end(), '\t', ' ');  // of a folded line, mostly
        lines.push_back(std::move(line));
    });
    scanner.feed(trimmed ? std::string_view(*trimmed) : header);
    scanner.finish();
    return lines;
}

}  // namespace sluice::enqueue
