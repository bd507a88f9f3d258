#include "message/parameter_sections.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/decoded_text.h"

namespace sluice::message {

namespace {

struct Section {
    std::string base;
    std::optional<std::uint64_t> number;  ///< nullopt: "name*" or "name"
    bool extended = false;                ///< with a final "*"
};

Section section_of(std::string_view name) {
    Section out;
    if (name.ends_with('*')) {
        out.extended = true;
        name.remove_suffix(1);
    }
    const std::size_t star = name.rfind('*');
    if (star != std::string_view::npos && star > 0) {
        const auto number = parse_unsigned(name.substr(star + 1));
        if (number) {
            out.number = number;
            name = name.substr(0, star);
        }
    }
    out.base = name;
    return out;
}

std::optional<unsigned> hex_value(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const char lower = ascii_lower(c);
    if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10U;
    return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool complete = text[i] == '%' && i + 2 < text.size();
        const auto high = complete ? hex_value(text[i + 1]) : std::nullopt;
        const auto low = complete ? hex_value(text[i + 2]) : std::nullopt;
        if (high && low) {
            out += static_cast<char>(*high * 16U + *low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

Parameter with_words_decoded(Parameter parameter) {
    if (may_hold_encoded_words(parameter)) parameter.value = decoded_text(parameter.value);
    return parameter;
}

/// The sections of one parameter.
class Collector {
public:
    void add(const Section& section, std::string value) {
        // Of two sections with one number the first counts.
        sections_.try_emplace(section.number.value_or(0), section.extended, std::move(value));
    }

    [[nodiscard]] Parameter joined(std::string name) const {
        Parameter out{std::move(name), {}};
        bool plain = true;
        for (const auto& [number, section] : sections_) {
            const auto& [extended, value] = section;
            std::string_view text = value;
            if (extended && number == sections_.begin()->first) text = without_charset(text, out);
            plain = plain && !extended;
            out.value += extended ? percent_decoded(text) : std::string(text);
        }
        if (!out.charset.empty()) {
            if (auto utf8 = to_utf8(out.charset, out.value)) out.value = std::move(*utf8);
        }
        return plain ? with_words_decoded(std::move(out)) : out;
    }

private:
    // RFC 2231 section 4: "us-ascii'en-us'text"; some leave the quotes out.
    static std::string_view without_charset(std::string_view text, Parameter& out) {
        const std::size_t first = text.find('\'');
        if (first == std::string_view::npos) return text;
        const std::size_t second = text.find('\'', first + 1);
        if (second == std::string_view::npos) return text;
        out.charset = text.substr(0, first);
        out.language = text.substr(first + 1, second - first - 1);
        return text.substr(second + 1);
    }

    std::map<std::uint64_t, std::pair<bool, std::string>> sections_;
};

bool is_attribute_character(char c) {
    return is_alnum(c) || std::string_view("!#$&+-.^_`{|}~").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto value = static_cast<unsigned char>(c);
        if (is_attribute_character(c)) {
            out += c;
        } else {
            out += '%';
            out += hex[value >> 4U];
            out += hex[value & 15U];
        }
    }
    return out;
}

}  // namespace

bool may_hold_encoded_words(const Parameter& parameter) {
    const bool for_people = equals_ignoring_case(parameter.name, "name") ||
                            equals_ignoring_case(parameter.name, "filename");
    return for_people && parameter.value.find("=?") != std::string::npos;
}

Parameters joined_sections(std::vector<RawParameter> raw) {
    struct Entry {
        Parameter plain;
        std::optional<Collector> sections;
    };
    std::vector<Entry> entries;
    std::map<std::string, std::size_t, LessIgnoringCase> in_sections;  // index into entries
    for (RawParameter& parameter : raw) {
        const Section section = section_of(parameter.name);
        if (!section.extended && !section.number) {
            entries.push_back({{std::move(parameter.name), std::move(parameter.value)}, {}});
            continue;
        }
        const auto [known, is_new] = in_sections.try_emplace(section.base, entries.size());
        if (is_new) entries.push_back({{section.base, {}}, Collector()});
        entries[known->second].sections->add(section, std::move(parameter.value));
    }
    Parameters out;
    for (Entry& entry : entries) {
        if (entry.sections) {
            out.push_back(entry.sections->joined(std::move(entry.plain.name)));
        } else if (in_sections.find(entry.plain.name) == in_sections.end()) {
            out.push_back(with_words_decoded(std::move(entry.plain)));
        }
    }
    return out;
}

std::vector<std::string> parameter_sections(const Parameter& parameter, std::size_t room) {
    // Octets that are not UTF-8 are those of a set that nobody names.
    const bool known = is_utf8(parameter.value);
    const std::string charset = known ? "utf-8" : "";
    std::vector<std::string> texts(1);
    std::string_view rest = parameter.value;
    const std::size_t names = parameter.name.size() + charset.size() + 10;
    const std::size_t budget = std::max<std::size_t>(room, names + 16) - names;
    while (!rest.empty()) {
        const std::size_t length = known ? utf8_sequence_length(rest) : 1;
        const std::string next = percent_encoded(rest.substr(0, length));
        if (texts.back().size() + next.size() > budget) texts.emplace_back();
        texts.back() += next;
        rest.remove_prefix(length);
    }
    texts.front().insert(0, charset + "''");
    if (texts.size() == 1) return {parameter.name + "*=" + texts.front()};
    std::vector<std::string> out;
    for (std::size_t i = 0; i < texts.size(); ++i)
        out.push_back(parameter.name + '*' + std::to_string(i) + "*=" + texts[i]);
    return out;
}

}  // namespace sluice::message
