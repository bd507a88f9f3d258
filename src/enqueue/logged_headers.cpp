#include "enqueue/logged_headers.h"

#include <algorithm>

#include "message/header_field.h"
#include "message/header_trim.h"

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
    std::vector<std::string> lines;
    for (const auto& field : message::trimmed_fields(header, options).fields) {
        const auto parsed = message::parse_header_field(field.raw());
        if (!parsed) continue;
        const std::string_view value = parsed->raw_value.substr(0, longest_value);
        std::string& line = lines.emplace_back();
        line.reserve(field.name.size() + 2 + value.size());
        line += field.name;
        line += ": ";
        message::add_unfolded(line, value);
        std::replace(line.begin(), line.end(), '\t', ' ');  // of a folded line, mostly
    }
    return lines;
}

}  // namespace sluice::enqueue
