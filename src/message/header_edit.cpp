#include "message/header_edit.h"

#include <algorithm>

#include "base/bytes.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::string_view subject = "Subject";
constexpr std::size_t most_columns = 78;  // RFC 5322 section 2.1.1

/// A header as a list of raw fields and what ends it, so that untouched fields stay as they were.
class EditableHeader {
public:
    explicit EditableHeader(std::string_view header) {
        std::size_t used = 0;
        for (const HeaderField& field : split_header(header)) {
            fields_.push_back({std::string(field.name), std::string(field.raw)});
            used += field.raw.size();
        }
        end_ = header.substr(used);
        if (!fields_.empty() && !fields_.back().raw.ends_with('\n')) fields_.back().raw += "\r\n";
    }

    void apply(const HeaderEdit& edit) {
        using Kind = HeaderEdit::Kind;
        switch (edit.kind) {
            case Kind::add:
                add(edit.name, edit.value);
                return;
            case Kind::add_if_missing:
                if (find(edit.name) == fields_.end()) add(edit.name, edit.value);
                return;
            case Kind::replace:
                replace(edit.name, edit.value);
                return;
            case Kind::remove:
                remove_from(fields_.begin(), edit.name);
                return;
            case Kind::tag_subject:
                tag(edit.value);
                return;
            case Kind::add_or_resent:
                add((find(edit.name) == fields_.end() ? "" : "Resent-") + edit.name, edit.value);
                return;
            case Kind::extend:
                append(edit.name, ", " + edit.value, edit.value);
                return;
            case Kind::prefix_subject:
                put_in_front(edit.value);
                return;
            case Kind::suffix_subject:
                append(subject, ' ' + edit.value, edit.value);
                return;
            case Kind::strip_subject_numbers:
                strip_numbers();
                return;
        }
    }

    [[nodiscard]] std::string text() const {
        std::string out;
        for (const Field& field : fields_) out += field.raw;
        out += end_;
        return out;
    }

private:
    struct Field {
        std::string name;
        std::string raw;
    };
    using Iterator = std::vector<Field>::iterator;

    Iterator find(std::string_view name) {
        return std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) {
            return equals_ignoring_case(field.name, name);
        });
    }

    void add(std::string_view name, std::string_view value) {
        std::string raw = fold_header(name, value);
        if (!parse_header_field(raw)) return;
        fields_.push_back({std::string(name), std::move(raw)});
    }

    void replace(std::string_view name, std::string_view value) {
        const auto first = find(name);
        if (first == fields_.end()) return add(name, value);
        first->raw = fold_header(name, value);
        remove_from(first + 1, name);
    }

    void remove_from(Iterator from, std::string_view name) {
        const auto named = [&](const Field& field) {
            return equals_ignoring_case(field.name, name);
        };
        fields_.erase(std::remove_if(from, fields_.end(), named), fields_.end());
    }

    void tag(std::string_view tag_text) {
        const auto field = find(subject);
        if (field != fields_.end()) {
            const auto parsed = parse_header_field(field->raw);
            if (!parsed || unfold(parsed->raw_value).find(tag_text) != std::string::npos) return;
        }
        put_in_front(tag_text);
    }

    // The old value keeps its own folding; only what stands in front of it is new.
    void put_in_front(std::string_view text) {
        const auto field = find(subject);
        if (field == fields_.end()) return add(subject, text);
        const auto parsed = parse_header_field(field->raw);
        if (!parsed) return;
        std::string in_front = without_line_end(fold_header(parsed->name, text));
        const auto value = static_cast<std::size_t>(parsed->raw_value.data() - field->raw.data());
        const std::string_view old = std::string_view(field->raw).substr(value);
        field->raw = in_front + (is_blank(old.front()) ? "" : " ") + std::string(old);
    }

    // `addition` behind the first field, in a line of its own where the last one has no room.
    void append(std::string_view name, std::string_view addition, std::string_view alone) {
        const auto field = find(name);
        if (field == fields_.end()) return add(name, alone);
        const std::string old = without_line_end(field->raw);
        const std::size_t line = old.size() - std::min(old.rfind('\n') + 1, old.size());
        std::string clean(addition);
        std::replace_if(clean.begin(), clean.end(), is_control, ' ');
        const std::size_t comma = clean.starts_with(',') ? 1 : 0;
        const bool fits = line + clean.size() <= most_columns;
        field->raw =
            old + clean.substr(0, comma) + (fits ? "" : "\r\n") + clean.substr(comma) + "\r\n";
    }

    void strip_numbers() {
        const auto field = find(subject);
        if (field == fields_.end()) return;
        std::string& raw = field->raw;
        for (std::size_t at = 0; (at = raw.find('[', at)) != std::string::npos;) {
            const std::size_t end = raw.find_first_not_of("0123456789", at + 1);
            if (end == std::string::npos || end == at + 1 || raw[end] != ']') {
                ++at;
                continue;
            }
            const bool blank_too = end + 1 < raw.size() && raw[end + 1] == ' ';
            raw.erase(at, end + 1 - at + (blank_too ? 1 : 0));
        }
    }

    static std::string without_line_end(std::string text) {
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
        return text;
    }

    std::vector<Field> fields_;
    std::string end_;
};

}  // namespace

std::string apply_edits(std::string_view header, const HeaderEdits& edits) {
    if (edits.empty()) return std::string(header);
    EditableHeader editable(header);
    for (const HeaderEdit& edit : edits) editable.apply(edit);
    return editable.text();
}

}  // namespace sluice::message
