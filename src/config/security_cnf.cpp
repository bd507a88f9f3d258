#include "config/security_cnf.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using Security = SecurityConfiguration;

constexpr std::string_view default_source = "PASSWORDS";
constexpr std::string_view default_rules = "DEFAULT";
constexpr IntegerRange seconds_of_delay{0, 300};

constexpr Field<Security> global_fields[] = {
    {"FREE_FAILURES", &Security::free_failures, {0, 1000}},
    {"FIRST_DELAY", &Security::first_delay, seconds_of_delay},
    {"LONGEST_DELAY", &Security::longest_delay, seconds_of_delay},
    {"REFUSE_AFTER", &Security::refuse_after, {0, 1000000}},
    {"FORGET_AFTER", &Security::forget_after, {1, 86400}},
};
constexpr Field<AuthSource> source_fields[] = {
    {"FILE", &AuthSource::file},
    {"SERVICE", &AuthSource::service},
    {"DIRECTORY", &AuthSource::directory},
    {"SOCKET", &AuthSource::socket},
};

struct TypeName {
    std::string_view name;
    AuthSource::Type type;
};
constexpr std::array type_names{
    TypeName{"FILE", AuthSource::Type::file},
    TypeName{"PAM", AuthSource::Type::pam},
    TypeName{"DOVECOT", AuthSource::Type::dovecot},
};

template <class Fields>
std::vector<std::string_view> names_of(const Fields& fields, std::vector<std::string_view> more) {
    for (const auto& field : fields) more.push_back(field.name);
    return more;
}

/// Words between commas or blanks.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string_view part : split(text, ',')) {
        for (const std::string_view word : split_words(part)) words.emplace_back(word);
    }
    return words;
}

std::vector<std::string> mechanisms_of(std::string_view text) {
    std::vector<std::string> names = words_of(text);
    for (std::string& name : names) name = to_upper(name);
    return names;
}

class Reader {
public:
    Reader(Security& result, Diagnostics& diagnostics)
        : result_(result), diagnostics_(diagnostics) {}

    void read(const OptionFile& file) {
        for (const Setting& setting : file.globals().settings) take_global(setting);
        for (std::size_t i = 1; i < file.sections.size(); ++i) {
            const Section& section = file.sections[i];
            if (section.kind == "AUTH_SOURCE") {
                take_source(section);
            } else if (section.kind == "RULESET") {
                take_rules(section);
            } else {
                diagnostics_.error(
                    section.where, "E470", "unknown kind of section " + section.kind, section.line,
                    "[AUTH_SOURCE=name] or [RULESET=name]"
                );
            }
        }
        for (const SecurityRuleSet& rules : result_.rules) check(rules);
    }

private:
    void take_global(const Setting& setting) {
        static const auto names = names_of(global_fields, {});
        if (const auto* field = find_field(global_fields, setting.name)) {
            assign(*field, setting, result_, diagnostics_);
        } else {
            report_unknown(setting, "security option", names, diagnostics_);
        }
    }

    void take_source(const Section& section) {
        auto known = std::find_if(
            result_.sources.begin(), result_.sources.end(),
            [&](const AuthSource& source) {
                return equals_ignoring_case(source.name, section.name);
            }
        );
        if (known == result_.sources.end()) {
            known = result_.sources.emplace(result_.sources.end());
            known->name = section.name;
        }
        known->where = section.where;
        for (const Setting& setting : section.settings) take(setting, *known);
    }

    void take(const Setting& setting, AuthSource& source) {
        static const auto names = names_of(source_fields, {"TYPE"});
        if (const auto* field = find_field(source_fields, setting.name))
            return assign(*field, setting, source, diagnostics_);
        if (!equals_ignoring_case(setting.name, "TYPE"))
            return report_unknown(setting, "option of a source", names, diagnostics_);
        const auto* found =
            std::find_if(type_names.begin(), type_names.end(), [&](const TypeName& type) {
                return equals_ignoring_case(type.name, setting.value);
            });
        if (found != type_names.end()) {
            source.type = found->type;
            return;
        }
        diagnostics_.error(
            setting.value_where, "E470", "unknown type of source " + setting.value, setting.line,
            "FILE, PAM or DOVECOT"
        );
    }

    void take_rules(const Section& section) {
        auto known = std::find_if(
            result_.rules.begin(), result_.rules.end(),
            [&](const SecurityRuleSet& rules) {
                return equals_ignoring_case(rules.name, section.name);
            }
        );
        if (known == result_.rules.end()) {
            known = result_.rules.insert(known, SecurityRuleSet());
            known->name = section.name;
            known->sources = {std::string(default_source)};
        }
        known->where = section.where;
        for (const Setting& setting : section.settings) {
            if (equals_ignoring_case(setting.name, "ENABLE")) {
                known->sources = words_of(setting.value);
            } else if (equals_ignoring_case(setting.name, "MECHANISMS")) {
                known->mechanisms = mechanisms_of(setting.value);
            } else if (equals_ignoring_case(setting.name, "MECHANISMS_WITHOUT_TLS")) {
                known->without_tls = mechanisms_of(setting.value);
            } else {
                static constexpr std::array<std::string_view, 3> names{
                    "ENABLE", "MECHANISMS", "MECHANISMS_WITHOUT_TLS"};
                report_unknown(setting, "option of a rule set", names, diagnostics_);
            }
        }
    }

    void check(const SecurityRuleSet& rules) {
        for (const std::string& name : rules.sources) {
            if (result_.find_source(name) != nullptr) continue;
            diagnostics_.error(
                rules.where, "E471",
                "rule set " + rules.name + " enables " + name +
                    ", and there is no [AUTH_SOURCE=" + name + "]"
            );
        }
        for (const std::string& mechanism : rules.without_tls) {
            if (mechanism != "PLAIN" && mechanism != "LOGIN" && mechanism != "XOAUTH2" &&
                mechanism != "OAUTHBEARER")
                continue;
            diagnostics_.warning(
                rules.where, "W470",
                "rule set " + rules.name +
                    " lets clients send passwords or "
                    "tokens without TLS (" +
                    mechanism + ')'
            );
        }
    }

    Security& result_;
    Diagnostics& diagnostics_;
};

}  // namespace

SecurityConfiguration::SecurityConfiguration() {
    sources.emplace_back().name = default_source;
    SecurityRuleSet& usual = rules.emplace_back();
    usual.name = default_rules;
    usual.sources = {std::string(default_source)};
}

const AuthSource* SecurityConfiguration::find_source(std::string_view name) const {
    const auto found = std::find_if(sources.begin(), sources.end(), [&](const AuthSource& source) {
        return equals_ignoring_case(source.name, name);
    });
    return found == sources.end() ? nullptr : &*found;
}

const SecurityRuleSet& SecurityConfiguration::rules_of(std::string_view name) const {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const SecurityRuleSet& set) {
        return equals_ignoring_case(set.name, name);
    });
    return found == rules.end() ? rules.front() : *found;
}

SecurityConfiguration parse_security_cnf(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    SecurityConfiguration result;
    const OptionDialect dialect{.sections = true};
    Reader(result, diagnostics).read(parse_option_file(text, file_name, dialect, diagnostics));
    return result;
}

Result<SecurityConfiguration> load_security_cnf(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (!text && text.error().error_number() == ENOENT) return SecurityConfiguration();
    if (!text) return text.error();
    return parse_security_cnf(*text, path, diagnostics);
}

}  // namespace sluice::config
