#include "message/mime_labels.h"

#include <utility>

#include "base/bytes.h"
#include "message/decoded_text.h"
#include "message/header_field.h"
#include "message/mime_scanner.h"

namespace sluice::message {

namespace {

std::size_t size_of(const Parameters& parameters) {
    std::size_t size = parameters.size() * sizeof(Parameter);
    for (const Parameter& one : parameters)
        size += one.name.size() + one.value.size() + one.charset.size() + one.language.size();
    return size;
}

struct Seen {
    bool type = false;
    bool disposition = false;
    bool description = false;
    bool content_id = false;
    bool encoding = false;
};

void read_disposition(std::string_view raw_value, MimePart& part) {
    StructuredValue field = parse_structured_value(raw_value);
    part.disposition = to_lower(field.value);
    part.disposition_parameters = std::move(field.parameters);
}

void read_field(const HeaderField& field, Seen& seen, MimePart& part) {
    const auto is_first = [&](std::string_view name, bool& flag) {
        return equals_ignoring_case(field.name, name) && !std::exchange(flag, true);
    };
    if (is_first("Content-Type", seen.type)) {
        part.type = parse_content_type(field.raw_value);
    } else if (is_first("Content-Disposition", seen.disposition)) {
        read_disposition(field.raw_value, part);
    } else if (is_first("Content-Description", seen.description)) {
        part.description = decoded_text(unfold(field.raw_value));
    } else if (is_first("Content-ID", seen.content_id)) {
        part.content_id = unfold(field.raw_value);
    } else if (is_first("Content-Transfer-Encoding", seen.encoding)) {
        part.encoding_name = unfold(field.raw_value);
        part.encoding = parse_transfer_encoding(part.encoding_name);
    }
}

}  // namespace

void read_labels(std::string_view header, bool in_digest, MimePart& part) {
    Seen seen;
    const std::string_view fields = header.substr(mailbox_separator_length(header));
    for (const HeaderField& field : split_header(fields, fields.size())) {
        if (starts_with_ignoring_case(field.name, "Content-")) read_field(field, seen, part);
    }
    if (in_digest && !seen.type) {
        part.type.type = "message";
        part.type.subtype = "rfc822";
    }
}

std::size_t label_size(const MimePart& part) {
    return part.number.size() + part.type.type.size() + part.type.subtype.size() +
           size_of(part.type.parameters) + part.disposition.size() +
           size_of(part.disposition_parameters) + part.description.size() + part.content_id.size() +
           part.encoding_name.size();
}

std::string_view boundary_of(const MimePart& part) {
    std::string_view boundary = parameter_value(part.type.parameters, "boundary");
    while (!boundary.empty() && is_blank(boundary.back())) boundary.remove_suffix(1);
    constexpr std::size_t around = 6;  // "--" on both sides and the line end
    return boundary.size() + around <= longest_boundary_line ? boundary : std::string_view();
}

}  // namespace sluice::message
