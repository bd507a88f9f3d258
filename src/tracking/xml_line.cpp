#include <array>

#include "base/bytes.h"
#include "tracking/structured_reader.h"
#include "tracking/text_cursor.h"

namespace sluice::tracking {

namespace {

void append_utf8(std::string& out, unsigned code) {
    const auto unit = [&](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        unit(code);
    } else if (code < 0x800) {
        unit(0xC0U | (code >> 6U));
        unit(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        unit(0xE0U | (code >> 12U));
        unit(0x80U | ((code >> 6U) & 0x3FU));
        unit(0x80U | (code & 0x3FU));
    } else {
        unit(0xF0U | (code >> 18U));
        unit(0x80U | ((code >> 12U) & 0x3FU));
        unit(0x80U | ((code >> 6U) & 0x3FU));
        unit(0x80U | (code & 0x3FU));
    }
}

// "#9", "#x41"
bool append_reference(std::string& out, std::string_view name) {
    name.remove_prefix(1);
    const bool hex = name.starts_with('x');
    if (hex) name.remove_prefix(1);
    if (name.empty() || name.size() > 7) return false;
    unsigned code = 0;
    for (const char c : name) {
        const char lower = ascii_lower(c);
        unsigned digit = 0;
        if (is_digit(c))
            digit = static_cast<unsigned>(c - '0');
        else if (hex && lower >= 'a' && lower <= 'f')
            digit = static_cast<unsigned>(lower - 'a' + 10);
        else
            return false;
        code = code * (hex ? 16U : 10U) + digit;
    }
    const bool possible = code > 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    if (possible) append_utf8(out, code);
    return possible;
}

bool append_entity(std::string& out, std::string_view name) {
    struct Named {
        std::string_view name;
        char character;
    };
    constexpr std::array<Named, 5> entities = {
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    if (name.starts_with('#')) return append_reference(out, name);
    for (const Named& entity : entities) {
        if (entity.name != name) continue;
        out += entity.character;
        return true;
    }
    return false;
}

bool unescape(std::string_view text, std::string& out) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t mark = std::min(text.find('&', at), text.size());
        out += text.substr(at, mark - at);
        if (mark == text.size()) break;
        const std::size_t end = text.find(';', mark);
        if (end == std::string_view::npos) return false;
        if (!append_entity(out, text.substr(mark + 1, end - mark - 1))) return false;
        at = end + 1;
    }
    return true;
}

bool is_name(std::string_view name) {
    if (name.empty() || name.size() > 16) return false;
    for (const char c : name) {
        if (!is_alnum(c) && c != '_' && c != '-') return false;
    }
    return is_alpha(name.front());
}

}  // namespace

bool parse_xml_line(std::string_view text, Element& element) {
    TextCursor in(trim(text));
    if (!in.take("<")) return false;
    const auto name = in.up_to(" ");
    if (!name || (*name != "en" && *name != "co" && *name != "he")) return false;
    element.name = *name;
    while (true) {
        in.skip_blanks();
        if (in.take("/>")) return in.at_end() && !element.attributes.empty();
        const auto attribute = in.up_to("=");
        if (!attribute || !is_name(*attribute)) return false;
        const bool apostrophe = in.peek() == '\'';
        if (!in.take(apostrophe ? "'" : "\"")) return false;
        const auto value = in.up_to(apostrophe ? "'" : "\"");
        if (!value || value->find('<') != std::string_view::npos) return false;
        element.attributes.emplace_back(*attribute, std::string());
        if (!unescape(*value, element.attributes.back().second)) return false;
    }
}

}  // namespace sluice::tracking
