#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/encoded_word.h"
#include "message/header_field.h"
#include "message/mime_edit.h"

namespace sluice::message {

namespace {

/// One field of a header put in the place of another, all else as it was.
class Relabelled {
public:
    explicit Relabelled(std::string_view header) {
        std::size_t used = mailbox_separator_length(header);
        in_front_ = header.substr(0, used);
        const std::string_view block = header.substr(used);
        for (const HeaderField& field : split_header(block, block.size())) {
            fields_.push_back({std::string(field.name), std::string(field.raw)});
            used += field.raw.size();
        }
        if (!fields_.empty() && !fields_.back().raw.ends_with('\n')) fields_.back().raw += "\r\n";
        behind_ = header.substr(used);
    }

    /// The first of that name becomes `raw`, others of it go; an empty one removes them all.
    void set(std::string_view name, const std::string& raw) {
        bool written = raw.empty();
        std::vector<Field> kept;
        for (Field& field : fields_) {
            if (!equals_ignoring_case(field.name, name)) {
                kept.push_back(std::move(field));
            } else if (!std::exchange(written, true)) {
                kept.push_back({std::string(name), raw});
            }
        }
        if (!written) kept.push_back({std::string(name), raw});
        fields_ = std::move(kept);
    }

    [[nodiscard]] bool has(std::string_view name) const {
        for (const Field& field : fields_) {
            if (equals_ignoring_case(field.name, name)) return true;
        }
        return false;
    }

    [[nodiscard]] std::string text() const {
        std::string out = in_front_;
        for (const Field& field : fields_) out += field.raw;
        return out + behind_;
    }

private:
    struct Field {
        std::string name;
        std::string raw;
    };
    std::string in_front_;
    std::vector<Field> fields_;
    std::string behind_;
};

std::string text_field(std::string_view name, const std::string& text) {
    if (text.empty()) return {};
    return fold_header(name, is_ascii(text) ? text : encoded_phrase(text));
}

void set_type(const MimePart& part, const PartLabels& labels, Relabelled& header) {
    if (!labels.type && !labels.type_parameters) return;
    const StructuredValue field = {
        labels.type.value_or(part.media_type()),
        labels.type_parameters.value_or(part.type.parameters)};
    header.set("Content-Type", format_structured_field("Content-Type", field));
}

void set_disposition(const MimePart& part, const PartLabels& labels, Relabelled& header) {
    if (!labels.disposition && !labels.disposition_parameters) return;
    const StructuredValue field = {
        labels.disposition.value_or(part.disposition),
        labels.disposition_parameters.value_or(part.disposition_parameters)};
    constexpr std::string_view name = "Content-Disposition";
    header.set(name, field.value.empty() ? "" : format_structured_field(name, field));
}

}  // namespace

std::string apply_labels(std::string_view header, const MimePart& part, const PartLabels& labels) {
    if (labels == PartLabels()) return std::string(header);
    Relabelled out(header);
    set_type(part, labels, out);
    set_disposition(part, labels, out);
    if (labels.description)
        out.set("Content-Description", text_field("Content-Description", *labels.description));
    if (labels.content_id) out.set("Content-ID", text_field("Content-ID", *labels.content_id));
    if (labels.encoding && *labels.encoding != TransferEncoding::unknown) {
        const std::string name(transfer_encoding_name(*labels.encoding));
        out.set("Content-Transfer-Encoding", "Content-Transfer-Encoding: " + name + "\r\n");
    }
    // RFC 2045 section 4: without it nobody need look at the other fields.
    if (part.is_message_header && !out.has("MIME-Version"))
        out.set("MIME-Version", "MIME-Version: 1.0\r\n");
    return out.text();
}

}  // namespace sluice::message
