#include "message/partial.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"
#include "message/content_type.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

/// RFC 2046 section 5.2.2.1: what is taken from the enclosed header.
bool is_enclosed(std::string_view name) {
    constexpr auto names =
        std::to_array<std::string_view>({"Subject", "Message-ID", "Encrypted", "MIME-Version"});
    return starts_with_ignoring_case(name, "Content-") ||
           std::any_of(names.begin(), names.end(), [&](std::string_view one) {
               return equals_ignoring_case(name, one);
           });
}

void add_field(std::string& header, const HeaderField& field) {
    header += field.raw;
    if (!field.raw.ends_with('\n')) header += "\r\n";
}

std::optional<unsigned> number_of(std::string_view text) {
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (number < 1 || number > max_pieces) return std::nullopt;
    return number;
}

}  // namespace

std::optional<PartialLabels> partial_labels(std::string_view content_type) {
    const ContentType type = parse_content_type(content_type);
    if (!type.is("message", "partial")) return std::nullopt;
    PartialLabels labels;
    labels.id = parameter_value(type.parameters, "id");
    const auto number = number_of(parameter_value(type.parameters, "number"));
    if (labels.id.empty() || !number) return std::nullopt;
    labels.number = *number;
    const Parameter* total = find_parameter(type.parameters, "total");
    if (total == nullptr) return labels;
    const auto count = number_of(total->value);
    if (!count || *count < labels.number) return std::nullopt;
    labels.total = *count;
    return labels;
}

std::string piece_header(
    std::string_view whole, const PartialLabels& labels, std::string_view message_id
) {
    std::string header;
    std::string subject;
    for (const HeaderField& field : split_header(whole)) {
        if (equals_ignoring_case(field.name, "Subject") && subject.empty())
            subject = unfold(field.raw_value);
        if (!is_enclosed(field.name)) add_field(header, field);
    }
    const std::string number = std::to_string(labels.number);
    const std::string total = std::to_string(labels.total);
    header += fold_header(
        "Subject", subject + (subject.empty() ? "(" : " (") + number + '/' + total + ')'
    );
    header += fold_header("Message-ID", message_id);
    header += "MIME-Version: 1.0\r\n";
    header += format_structured_field(
        "Content-Type",
        {"message/partial", {{"id", labels.id}, {"number", number}, {"total", total}}}
    );
    return header + "\r\n";
}

std::string enclosed_header(std::string_view whole) {
    std::string header;
    for (const HeaderField& field : split_header(whole)) {
        if (is_enclosed(field.name)) add_field(header, field);
    }
    return header + "\r\n";
}

std::string whole_header(std::string_view first_piece, std::string_view enclosed) {
    std::string header;
    for (const HeaderField& field : split_header(first_piece)) {
        if (!is_enclosed(field.name)) add_field(header, field);
    }
    return header + enclosed_header(enclosed);
}

}  // namespace sluice::message
