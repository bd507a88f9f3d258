// L015, L016 and L017: CONVERSIONS, CHARSET-CONVERSION and the entries that work for it.
#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "conversion/reformat_keywords.h"
#include "lint/lint.h"
#include "message/charset_converter.h"
#include "policy/conversion_choice.h"

namespace sluice::lint {

using mapping::Template;

namespace {

/// What a template always says; nullopt where that is known only when it is asked.
std::optional<std::string> fixed_output(const Template& result) {
    std::string text;
    for (const Template::Part& part : result.parts()) {
        if (part.kind == Template::Kind::literal) {
            text += part.text;
        } else if (part.kind != Template::Kind::flag && part.kind != Template::Kind::control) {
            return std::nullopt;
        }
    }
    return text;
}

/// Calls `check(output, where)` for each entry of a table whose output is known.
template <class Check>
void each_output(
    const config::Configuration& configuration, std::string_view table, const Check& check
) {
    const mapping::Table* found = configuration.mappings.find(table);
    if (found == nullptr) return;
    for (const mapping::Entry& entry : found->entries()) {
        if (const auto output = fixed_output(entry.result)) check(*output, entry.where);
    }
}

void check_conversions(const config::Configuration& configuration, Findings& findings) {
    each_output(configuration, "CONVERSIONS", [&](const std::string& output, const auto& where) {
        const auto keywords = policy::parse_conversion_keywords(output);
        if (!keywords.yes) return;
        const std::string& name = keywords.channel;
        if (!starts_with_ignoring_case(name, policy::conversion_channel)) {
            findings.add(
                Code::unusable_conversion, where,
                "mail cannot be converted by channel " + name +
                    ": its name does not begin with conversion"
            );
        } else if (configuration.imta.channels.find(name) == nullptr) {
            findings.add(Code::unusable_conversion, where, "there is no channel " + name);
        }
    });
}

void check_charset_conversion(const config::Configuration& configuration, Findings& findings) {
    const auto check_charset = [&](const std::string& name, const auto& where) {
        if (name.empty() || message::is_known_charset(name)) return;
        findings.add(
            Code::idle_charset_word, where, "no character set is known by the name " + name
        );
    };
    each_output(
        configuration, "CHARSET-CONVERSION",
        [&](const std::string& output, const auto& where) {
            const auto change = conversion::parse_charset_change(output);
            check_charset(change.label, where);
            check_charset(change.target, where);
            if (change.any()) return;
            for (const std::string& word : conversion::parse_reformat_keywords(output).not_offered)
                findings.add(Code::idle_charset_word, where, "keyword " + word + " does nothing");
        }
    );
}

void check_service_entries(const config::Configuration& configuration, Findings& findings) {
    if (configuration.mappings.find("CHARSET-CONVERSION") != nullptr) return;
    for (const conversion::Entry& entry : configuration.conversions.entries) {
        if (!entry.is_for_service()) continue;
        findings.add(
            Code::idle_service, entry.service_where,
            "this command never runs: there is no mapping table CHARSET-CONVERSION"
        );
    }
}

}  // namespace

void check_content_tables(const config::Configuration& configuration, Findings& findings) {
    check_conversions(configuration, findings);
    check_charset_conversion(configuration, findings);
    check_service_entries(configuration, findings);
}

}  // namespace sluice::lint
