#include "tracking/sun_fields.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "tracking/entry_text.h"

namespace sluice::tracking {

namespace {

constexpr std::size_t npos = std::string_view::npos;

// End of the field "N:text" at the start of `text`; npos where there is none.
std::size_t counted_end(std::string_view text, std::size_t& begin) {
    const std::size_t colon = text.find(':');
    if (colon == npos || colon == 0 || colon > 5) return npos;
    const auto size = parse_unsigned(text.substr(0, colon));
    if (!size || *size > text.size() - colon - 1) return npos;
    begin = colon + 1;
    const std::size_t end = begin + static_cast<std::size_t>(*size);
    return end == text.size() || text[end] == ' ' ? end : npos;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// End of an address: the first blank that is not between quotation marks.
std::size_t address_end(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == ' ' && !quoted)
            return i;
    }
    // A quotation mark that is never closed is an ordinary character.
    return quoted ? std::min(text.find(' '), text.size()) : text.size();
}

bool is_recipient_type(std::string_view text) {
    const std::size_t end = text.find(';');
    return end != npos && end > 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
               return is_alnum(c) || c == '-';
           });
}

bool is_reply_code(std::string_view text) {
    return text.size() >= 3 && (text[0] == '2' || text[0] == '4' || text[0] == '5') &&
           is_digit(text[1]) && is_digit(text[2]) &&
           (text.size() == 3 || text[3] == ' ' || text[3] == '-');
}

}  // namespace

SunFields::SunFields(std::string_view text) : rest_(text) {
    // Counted as soon as the first field is and another counted one, or nothing, follows.
    std::size_t begin = 0;
    const std::size_t end = counted_end(text, begin);
    if (end == npos) return;
    std::size_t next_begin = 0;
    counted_ = end == text.size() || counted_end(text.substr(end + 1), next_begin) != npos;
}

void SunFields::skip_separator() {
    if (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
}

std::string_view SunFields::counted_field() {
    std::size_t begin = 0;
    const std::size_t end = counted_end(rest_, begin);
    if (end == npos) return word();
    const std::string_view field = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
    skip_separator();
    return field;
}

std::string_view SunFields::sender() {
    if (counted_) return counted_field();
    // Two blanks for an empty address, or only one where somebody folded and unfolded the line.
    if (rest_.starts_with(' ')) {
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return {};
    }
    const std::size_t end = address_end(rest_);
    const bool is_next_field = is_recipient_type(rest_) &&
                               !is_recipient_type(rest_.substr(std::min(rest_.size(), end + 1)));
    return is_next_field ? std::string_view() : address();
}

std::string_view SunFields::original_recipient() {
    if (counted_) return counted_field();
    const std::size_t type = rest_.find(';');
    if (type == npos) return address();
    const std::size_t end = type + 1 + address_end(rest_.substr(type + 1));
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end);
    skip_separator();
    return field;
}

std::string_view SunFields::address() {
    if (counted_) return counted_field();
    const std::size_t end = address_end(rest_);
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end);
    skip_separator();
    return field;
}

std::string_view SunFields::command() {
    if (counted_) return counted_field();
    for (std::size_t at = rest_.rfind(' '); at != npos && at > 0; at = rest_.rfind(' ', at - 1)) {
        if (!is_reply_code(rest_.substr(at + 1))) continue;
        const std::string_view field = rest_.substr(0, at);
        rest_.remove_prefix(at + 1);
        return trim(field);
    }
    const std::string_view field = rest_;
    rest_ = {};
    return field;
}

std::string_view SunFields::word() {
    std::size_t begin = 0;
    if (counted_ && counted_end(rest_, begin) != npos) return counted_field();
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end);
    skip_separator();
    return field;
}

std::string_view SunFields::number() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view field = rest_.substr(0, end);
    if (!all_digits(field)) return {};
    rest_.remove_prefix(end);
    skip_separator();
    return field;
}

std::string_view SunFields::source() {
    if (counted_) return counted_field();
    std::size_t end = std::min(rest_.find(' '), rest_.size());
    if (rest_.substr(end).starts_with(" (")) {
        const std::size_t close = rest_.find(')', end);
        if (close != npos) end = close + 1;
    }
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end);
    skip_separator();
    return field;
}

std::string_view SunFields::last_word() {
    const std::size_t begin = rest_.rfind(' ');
    return begin == npos ? rest_ : rest_.substr(begin + 1);
}

void SunFields::drop_last_word(std::string_view word) {
    rest_.remove_suffix(word.size());
    if (rest_.ends_with(' ')) rest_.remove_suffix(1);
}

std::string_view SunFields::text() {
    if (counted_) return counted_field();
    const std::string_view field = rest_;
    rest_ = {};
    return field;
}

bool begins_diagnostic(std::string_view text) {
    constexpr std::array<std::string_view, 9> begins = {
        "dns;",   "smtp;",     "lmtp;",  "TCP active open", "Illegal host/domain",
        "Error ", "delivery ", "Failed", "message "};
    return is_reply_code(text) || std::any_of(begins.begin(), begins.end(), [&](auto one) {
               return text.starts_with(one);
           });
}

std::size_t diagnostic_begin(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (begins_diagnostic(text.substr(at))) return at;
        const std::size_t blank = text.find(' ', at);
        if (blank == std::string_view::npos) break;
        at = blank + 1;
    }
    return text.size();
}

std::string_view text_before_diagnostic(SunFields& fields) {
    if (fields.is_counted()) return fields.text();
    const std::string_view rest = fields.rest();
    if (rest.starts_with(' ')) {
        fields.set_rest(rest.substr(1));
        return {};
    }
    const std::size_t begin = diagnostic_begin(rest);
    fields.set_rest(rest.substr(begin));
    return trim(rest.substr(0, begin));
}

bool has_source(log::EventKind kind) {
    using log::EventKind;
    return kind == EventKind::enqueued || kind == EventKind::enqueue_refused ||
           kind == EventKind::sender_accepted || kind == EventKind::recipient_accepted;
}

bool is_host_name(std::string_view word) {
    const bool possible = std::all_of(word.begin(), word.end(), [](char c) {
        return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
    return possible && word.find('.') != std::string_view::npos;
}

bool is_application(std::string_view word) {
    return word.starts_with("SMTP") || word.starts_with("LMTP") || word.starts_with("SUBMIT") ||
           word.starts_with("ESMTP");
}

std::uint64_t field_number(std::string_view digits) {
    return parse_unsigned(digits).value_or(0);
}

}  // namespace sluice::tracking
