#include "conversion/reformat_keywords.h"

#include "base/bytes.h"

namespace sluice::conversion {

namespace {

using When = ReformatKeywords::When;
using message::EmbeddedMessages;

struct Row {
    std::string_view name;
    void (*set)(ReformatKeywords&);
};
constexpr Row rows[] = {
    {"Yes", [](ReformatKeywords& k) { k.when = When::unless_converted; }},
    {"Always", [](ReformatKeywords& k) { k.when = When::always; }},
    {"No", [](ReformatKeywords& k) { k.when = When::never; }},
    {"BASE64", [](ReformatKeywords& k) { k.encoding = EncodingWish::base64; }},
    {"Quoted-Printable", [](ReformatKeywords& k) { k.encoding = EncodingWish::quoted_printable; }},
    {"Bottom", [](ReformatKeywords& k) { k.embedded = EmbeddedMessages::flatten_with_header; }},
    {"Delete", [](ReformatKeywords& k) { k.embedded = EmbeddedMessages::flatten; }},
    {"Level", [](ReformatKeywords& k) { k.fewer_levels = true; }},
    {"Relabel", [](ReformatKeywords& k) { k.relabels = true; }},
};

}  // namespace

const std::vector<std::string_view>& reformat_keyword_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const Row& row : rows) all.push_back(row.name);
        return all;
    }();
    return names;
}

ReformatKeywords parse_reformat_keywords(std::string_view output) {
    ReformatKeywords keywords;
    for (std::string_view word : split(output, ',')) {
        word = trim(word);
        bool known = word.empty();
        for (const Row& row : rows) {
            if (!equals_ignoring_case(word, row.name)) continue;
            row.set(keywords);
            known = true;
        }
        if (!known) keywords.not_offered.emplace_back(word);
    }
    return keywords;
}

message::CharsetChange parse_charset_change(std::string_view output) {
    message::CharsetChange change;
    for (const std::string_view word : split(output, ',')) {
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = trim(word.substr(0, equals));
        const std::string value(trim(word.substr(equals + 1)));
        if (equals_ignoring_case(name, "IN-CHARSET")) change.label = value;
        if (equals_ignoring_case(name, "OUT-CHARSET")) change.target = value;
    }
    return change;
}

}  // namespace sluice::conversion
