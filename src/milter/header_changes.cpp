#include "milter/header_changes.h"

#include <algorithm>

#include "base/bytes.h"
#include "message/header_field.h"

namespace sluice::milter {

namespace {

constexpr std::size_t most_fields = 100'000;

/// A whole field. Lines of the value are the filter's; none of them may begin another field or end
/// the header.
std::string make_field(std::string_view name, std::string_view value, bool leading_blank) {
    std::string raw(name);
    raw += ':';
    if (!leading_blank) raw += ' ';
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.remove_suffix(1);
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\n') {
            raw += "\r\n";
            if (!is_blank(value[i + 1])) raw += '\t';  // there is one: ends were cut
        } else if (c == '\0') {
            raw += ' ';
        } else if (c != '\r') {
            raw += c;
        }
    }
    return raw + "\r\n";
}

}  // namespace

std::string_view HeaderFields::Field::raw_value() const {
    const auto parsed = message::parse_header_field(raw);
    return parsed ? parsed->raw_value : std::string_view();
}

HeaderFields::HeaderFields(std::string_view text) {
    for (const message::HeaderField& field : message::split_header(text, most_fields)) {
        fields_.push_back({std::string(field.name), std::string(field.raw)});
        consumed_ += field.raw.size();
    }
    if (!fields_.empty() && !fields_.back().raw.ends_with('\n')) fields_.back().raw += "\r\n";
}

std::string HeaderFields::text() const {
    std::string out;
    for (const Field& field : fields_) out += field.raw;
    return out;
}

std::string HeaderFields::take_front() {
    if (fields_.empty()) return {};
    std::string raw = std::move(fields_.front().raw);
    fields_.erase(fields_.begin());
    return raw;
}

bool HeaderFields::put(
    std::size_t place, std::string_view name, std::string_view value, bool leading_blank
) {
    std::string raw = make_field(name, value, leading_blank);
    const auto parsed = message::parse_header_field(raw);
    if (!parsed || parsed->name != name) return false;
    fields_.insert(
        fields_.begin() + static_cast<std::ptrdiff_t>(std::min(place, fields_.size())),
        {std::string(name), std::move(raw)}
    );
    return true;
}

bool HeaderFields::apply(const AddHeader& change, bool leading_blank) {
    return put(fields_.size(), change.name, change.value, leading_blank);
}

bool HeaderFields::apply(const InsertHeader& change, bool leading_blank) {
    return put(change.index, change.name, change.value, leading_blank);
}

bool HeaderFields::apply(const ChangeHeader& change, bool leading_blank) {
    std::uint32_t left = std::max<std::uint32_t>(change.index, 1);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (!equals_ignoring_case(fields_[i].name, change.name) || --left > 0) continue;
        if (change.value.empty()) {
            fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(i));
            return true;
        }
        std::string raw = make_field(fields_[i].name, change.value, leading_blank);
        fields_[i].raw = std::move(raw);
        return true;
    }
    if (change.value.empty()) return false;
    return put(fields_.size(), change.name, change.value, leading_blank);
}

bool is_same_mailbox(std::string_view asked, std::string_view given) {
    const std::size_t at = given.rfind('@');
    if (at == std::string_view::npos || asked.size() != given.size())
        return equals_ignoring_case(asked, given);
    return asked.substr(0, at) == given.substr(0, at) &&
           equals_ignoring_case(asked.substr(at), given.substr(at));
}

}  // namespace sluice::milter
