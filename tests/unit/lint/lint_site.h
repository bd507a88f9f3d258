#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../../support/site.h"
#include "lint/lint.h"

namespace sluice::lint {

inline std::string shipped(const std::string& name) {
    return read_file(SLUICE_SOURCE_DIR "/config/" + name).value();
}

/// The shipped file with `text` in front of the first `before`.
inline std::string shipped_with(
    const std::string& name, const std::string& before, const std::string& text
) {
    std::string whole = shipped(name);
    const auto at = whole.find(before);
    EXPECT_NE(at, std::string::npos) << before;
    return whole.insert(at, text);
}

/// The shipped imta.cnf with further rewrite rules.
inline std::string with_rules(const std::string& rules) {
    return shipped_with("imta.cnf", "mail.example.com  ", rules);
}
/// The shipped imta.cnf with a further channel block.
inline std::string with_channel(const std::string& block) {
    return shipped("imta.cnf") + '\n' + block;
}
/// The shipped mappings with a further table.
inline std::string with_table(const std::string& table) {
    return shipped("mappings") + '\n' + table;
}

using Changes = std::map<std::string, std::string>;

inline Findings findings_of(const Changes& changes) {
    const auto site = test::make_site(changes);
    if (site == nullptr) return {};
    return examine(*site);
}

inline std::vector<std::string> codes_of(const Findings& findings) {
    std::vector<std::string> codes;
    for (const Finding& one : findings.items()) codes.push_back(one.diagnostic.code);
    return codes;
}

/// "L002 config/mappings:12: text", one a line, for messages of failed tests.
inline std::string listing(const Findings& findings) {
    std::string text;
    for (const Finding& one : findings.items()) text += one.to_string() + '\n';
    return text;
}

}  // namespace sluice::lint
