#include "converter/part_text.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "message/decoded_text.h"
#include "message/header_field.h"
#include "message/mime_scanner.h"

namespace sluice::converter {

using message::MimePart;

namespace {

/// Messages whose subjects are remembered, and how much of each.
constexpr std::size_t most_subjects = 100;
constexpr std::size_t longest_subject = conversion::max_symbol_size;

}  // namespace

Result<message::MimeParts> scan_parts(ByteSource& source) {
    message::MimeScanner scanner;
    auto read = message::read_range(
        source, {0, source.size()},
        [&](std::string_view octets) -> Result<void> {
            scanner.feed(octets);
            return {};
        }
    );
    if (!read) return std::move(read).error();
    scanner.finish();
    return scanner.take_parts();
}

Result<std::string> header_text(ByteSource& source, message::ByteRange range) {
    range.end = std::min(range.end, range.begin + longest_header);
    std::string text;
    auto read = message::read_range(source, range, [&](std::string_view octets) -> Result<void> {
        text += octets;
        return {};
    });
    if (!read) return std::move(read).error();
    return text;
}

std::size_t message_of(const message::MimeParts& parts, const MimePart& part) {
    std::size_t i = part.index;
    while (!parts[i].is_message_header && parts[i].parent != MimePart::none) i = parts[i].parent;
    return i;
}

conversion::PartFacts facts_of(const MimePart& part, std::string subject) {
    conversion::PartFacts facts;
    facts.subject = std::move(subject);
    facts.number = part.number;
    facts.encoding = part.encoding_name.empty() ? "7bit" : to_lower(part.encoding_name);
    facts.labels = conversion::labels_of(part);
    return facts;
}

std::string subject_in(std::string_view header) {
    return message::decoded_text(message::find_header(header, "Subject").value_or(""));
}

message::PartLabels labels_between(
    const conversion::Labels& before, const conversion::Labels& after
) {
    const auto changes = conversion::changes_between(before, after);
    message::PartLabels labels;
    if (changes.type) {
        labels.type = after.type + '/' + after.subtype;
        labels.type_parameters = after.type_parameters;
    }
    if (changes.disposition) {
        labels.disposition = after.disposition;
        labels.disposition_parameters = after.disposition_parameters;
    }
    if (changes.description) labels.description = after.description;
    return labels;
}

Result<std::string> Subjects::of(const MimePart& part) {
    const std::size_t message = message_of(parts_, part);
    const auto found = known_.find(message);
    if (found != known_.end()) return found->second;
    const auto header = header_text(source_, parts_[message].header);
    if (!header) return header.error();
    if (known_.size() >= most_subjects) known_.clear();
    return known_.emplace(message, subject_in(*header).substr(0, longest_subject)).first->second;
}

}  // namespace sluice::converter
