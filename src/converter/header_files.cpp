#include "converter/header_files.h"

#include <set>

#include "base/bytes.h"
#include "message/header_field.h"

namespace sluice::converter {

std::optional<std::string> header_of_file(std::string_view text) {
    std::string header;
    for (std::string_view line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) break;
        if (line.find('\0') != std::string_view::npos) return std::nullopt;
        if (is_blank(line.front())) {
            if (header.empty()) return std::nullopt;
        } else if (!message::parse_header_field(line)) {
            return std::nullopt;
        }
        header += line;
        header += "\r\n";
    }
    return header;
}

std::string merged_into_message_header(std::string_view header, std::string_view given) {
    std::set<std::string, LessIgnoringCase> names;
    for (const message::HeaderField& field : message::split_header(given))
        names.emplace(field.name);
    std::string merged;
    for (const message::HeaderField& field : message::split_header(header)) {
        if (starts_with_ignoring_case(field.name, "Content-") ||
            names.contains(std::string(field.name)))
            continue;
        merged += field.raw;
    }
    if (!merged.empty() && !merged.ends_with('\n')) merged += "\r\n";
    return merged + std::string(given);
}

}  // namespace sluice::converter
