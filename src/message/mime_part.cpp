#include "message/mime_part.h"

#include <array>
#include <utility>

namespace sluice::message {

namespace {

std::string range_text(const ByteRange& range) {
    return std::to_string(range.begin) + ".." + std::to_string(range.end);
}

std::string kind_text(PartKind kind) {
    if (kind == PartKind::multipart) return "multipart";
    return kind == PartKind::message ? "message" : "leaf";
}

}  // namespace

std::string MimePart::to_debug_string() const {
    std::string out = number.empty() ? "-" : number;
    out += ' ' + kind_text(kind) + ' ' + media_type();
    out += " header " + range_text(header) + " body " + range_text(body);
    const std::array troubles = {
        std::pair(trouble.no_blank_line, " no_blank_line"),
        std::pair(trouble.header_cut, " header_cut"),
        std::pair(trouble.no_boundary, " no_boundary"),
        std::pair(trouble.never_opened, " never_opened"),
        std::pair(trouble.not_closed, " not_closed"),
        std::pair(trouble.encoded_message, " encoded_message"),
        std::pair(trouble.too_deep, " too_deep"),
        std::pair(trouble.too_many_parts, " too_many_parts"),
    };
    for (const auto& [is_so, word] : troubles) out += is_so ? word : "";
    return out;
}

}  // namespace sluice::message
