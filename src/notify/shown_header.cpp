#include "notify/shown_header.h"

#include "base/bytes.h"
#include "message/decoded_text.h"
#include "message/header_field.h"
#include "notify/texts.h"

namespace sluice::notify {

namespace {

constexpr std::size_t longest_value = 4000;
constexpr std::size_t longest_header = 32000;

/// Whether the encoded word at the beginning of `text` says it is in that charset.
bool is_in_charset(std::string_view text, std::string_view charset) {
    text.remove_prefix(2);
    const std::string_view named = text.substr(0, text.find_first_of("?* \t"));
    return equals_ignoring_case(named, charset);
}

/// Decodes words of that charset; the others stay. Decoding is left to decoded_text(), run by run.
std::string decoded_where_equal(std::string_view value, std::string_view charset) {
    std::string out;
    std::string run;
    const auto end_run = [&] {
        out += message::decoded_text(run);
        run.clear();
    };
    while (!value.empty()) {
        const std::size_t word = value.find("=?");
        run += value.substr(0, word);
        if (word == std::string_view::npos) break;
        value.remove_prefix(word);
        // "=?charset?form?text?="
        std::size_t end = value.find('?', 2);
        if (end != std::string_view::npos) end = value.find('?', end + 1);
        if (end != std::string_view::npos) end = value.find("?=", end + 1);
        if (end == std::string_view::npos) break;
        const std::string_view whole = value.substr(0, end + 2);
        if (is_in_charset(whole, charset)) {
            run += whole;
        } else {
            end_run();
            out += whole;
        }
        value.remove_prefix(whole.size());
    }
    if (value.starts_with("=?")) run += value;
    end_run();
    return out;
}

std::string readable(
    std::string_view raw_value, HeaderDecoding decoding, std::string_view charset
) {
    const std::string value = message::unfold(raw_value.substr(0, longest_value));
    switch (decoding) {
        case HeaderDecoding::never:
            return value;
        case HeaderDecoding::same_charset:
            return decoded_where_equal(value, charset);
        case HeaderDecoding::all:
            break;
    }
    return message::decoded_text(value);
}

}  // namespace

std::string shown_header(
    std::string_view header,
    const message::HeaderOptions& options,
    HeaderDecoding decoding,
    std::string_view charset
) {
    const auto trimmed = message::trim_header(header, options);
    const std::string_view kept = trimmed ? std::string_view(*trimmed) : header;
    std::string out;
    for (const message::HeaderField& field : message::split_header(kept)) {
        if (out.size() > longest_header) break;
        const std::string value = clean_text(readable(field.raw_value, decoding, charset));
        out += wrapped_line(std::string(field.name) + ':', value);
    }
    return out;
}

}  // namespace sluice::notify
