#include "enqueue/logged_headers.h"

#include <algorithm>
#include <utility>

#include "message/header_field.h"

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
    constexpr std::size_t longest_value = 8192;  // more than any line of a log shows
    const auto trimmed = message::trim_header(header, options);
    std::vector<std::string> lines;
    for (const auto& field : message::split_header(trimmed ? *trimmed : header)) {
        std::string line(field.name);
        line += ": ";
        line += message::unfold(field.raw_value.substr(0, longest_value));
        std::replace(line.begin(), line.end(), '\t', ' ');  // of a folded line, mostly
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace sluice::enqueue
