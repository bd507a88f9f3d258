#include "conversion/plan.h"

#include <algorithm>

#include "base/bytes.h"
#include "conversion/wildcard.h"

namespace sluice::conversion {

namespace {

using Kind = TableAnswer::Kind;

std::string quoted(std::string_view text) {
    return '"' + printable(text) + '"';
}

/// Patterns of match clauses, with symbols replaced by what they stand for, to the octet.
class Patterns {
public:
    Patterns(
        const Entry& entry, const MessageFacts& message, const PartFacts& part, const Labels& labels
    )
        : entry_(entry), message_(message), part_(part), labels_(labels) {}

    [[nodiscard]] std::string expand(const std::string& pattern) const {
        if (pattern.find('\'') == std::string::npos) return pattern;
        SymbolTable symbols = symbols_of(message_, part_, labels_, entry_);
        for (auto& [name, value] : symbols) value = quoted_for_pattern(value);
        // Tables are for OUT- clauses; they would be asked for every part of every message.
        const auto no_table = [](const std::string&, const std::string&) {
            return TableAnswer{Kind::none, {}};
        };
        const Expanded expanded = expand_value(pattern, symbols, no_table);
        return expanded.kind == Kind::value ? expanded.text : pattern;
    }

private:
    static std::string quoted_for_pattern(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == '*' || c == '%' || c == '\\') out += '\\';
            out += c;
        }
        return out;
    }

    const Entry& entry_;
    const MessageFacts& message_;
    const PartFacts& part_;
    const Labels& labels_;
};

/// Empty: the condition holds.
std::string why_not(
    const Condition& condition,
    const std::string& pattern,
    const MessageFacts& message,
    const PartFacts& part,
    const Labels& labels
) {
    const std::string clause = std::string(to_string(condition.field)) + '=' + printable(pattern);
    if (condition.field == Field::tag) {
        const bool any =
            std::any_of(message.tags.begin(), message.tags.end(), [&](const std::string& tag) {
                return matches_wildcard(pattern, tag);
            });
        return any ? "" : clause + " matches no conversion tag of the message";
    }
    std::string_view value;
    switch (condition.field) {
        case Field::in_channel:
            value = message.in_channel;
            break;
        case Field::out_channel:
            value = message.out_channel;
            break;
        case Field::type:
            value = labels.type;
            break;
        case Field::subtype:
            value = labels.subtype;
            break;
        case Field::description:
            value = labels.description;
            break;
        case Field::disposition:
            value = labels.disposition;
            break;
        case Field::subject:
            value = part.subject;
            break;
        case Field::part_number:
            value = part.number;
            break;
        case Field::a1_format:
        case Field::a1_type:
        case Field::tag:
            break;
    }
    if (matches_wildcard(pattern, value)) return {};
    return clause + " does not match " + quoted(value);
}

std::string why_not(
    const ParameterCondition& condition, const std::string& pattern, const Labels& labels
) {
    const std::string what =
        condition.home == ParameterHome::type ? "parameter " : "disposition parameter ";
    const message::Parameter* parameter =
        message::find_parameter(labels.parameters(condition.home), condition.name);
    if (parameter == nullptr && !condition.fallback) return what + condition.name + " is missing";
    const std::string& value = parameter != nullptr ? parameter->value : *condition.fallback;
    if (matches_wildcard(pattern, value)) return {};
    return what + condition.name + " with " + quoted(value) + " does not match " +
           printable(pattern);
}

std::string why_not(
    const Entry& entry, const MessageFacts& message, const PartFacts& part, const Labels& labels
) {
    const Patterns patterns(entry, message, part, labels);
    for (const Condition& condition : entry.conditions) {
        const std::string pattern = patterns.expand(condition.pattern);
        if (auto reason = why_not(condition, pattern, message, part, labels); !reason.empty())
            return reason;
    }
    for (const ParameterCondition& condition : entry.parameter_conditions) {
        const std::string pattern = patterns.expand(condition.pattern);
        if (auto reason = why_not(condition, pattern, labels); !reason.empty()) return reason;
    }
    return {};
}

/// Expands values and remembers whether a table could not answer.
class Values {
public:
    Values(const SymbolTable& symbols, const AskTable& ask_table)
        : symbols_(symbols), ask_table_(ask_table) {}

    /// False: the clause is ignored.
    bool get(const std::optional<std::string>& clause, std::string& to) {
        if (!clause) return false;
        Expanded expanded = expand_value(*clause, symbols_, ask_table_);
        if (expanded.kind == Kind::not_now) not_now_ = true;
        if (expanded.kind != Kind::value) return false;
        to = std::move(expanded.text);
        return true;
    }
    [[nodiscard]] bool not_now() const { return not_now_; }

private:
    const SymbolTable& symbols_;
    const AskTable& ask_table_;
    bool not_now_ = false;
};

/// PARAMETER-COPY-n. Without any, parameters stay unless the value they belong to changed.
void carry_parameters(const Entry& entry, ParameterHome home, bool changed, Labels& labels) {
    const auto of_home = [&](const ParameterCopy& copy) { return copy.home == home; };
    const bool selects = std::any_of(entry.copies.begin(), entry.copies.end(), of_home);
    message::Parameters& parameters = labels.parameters(home);
    if (!selects && changed) parameters.clear();
    if (!selects) return;
    std::erase_if(parameters, [&](const message::Parameter& parameter) {
        return std::none_of(
            entry.copies.begin(), entry.copies.end(),
            [&](const ParameterCopy& copy) {
                return of_home(copy) && matches_wildcard(copy.names, parameter.name);
            }
        );
    });
}

std::string what_it_does(const Entry& entry) {
    if (entry.relabels) return "relabels the part, the scan goes on";
    if (entry.command) return "runs its command";
    if (entry.deletes) return "deletes the part";
    return "labels the part";
}

}  // namespace

bool apply_out_clauses(
    const Entry& entry, const SymbolTable& symbols, const AskTable& ask_table, Labels& labels
) {
    Values values(symbols, ask_table);
    const Labels before = labels;
    std::string text;
    if (values.get(entry.out.type, text) && !text.empty()) labels.type = to_lower(text);
    if (values.get(entry.out.subtype, text) && !text.empty()) labels.subtype = to_lower(text);
    if (values.get(entry.out.description, text)) labels.description = text;
    if (values.get(entry.out.disposition, text)) labels.disposition = to_lower(text);
    if (values.get(entry.out.encoding, text) && !text.empty()) labels.encoding = to_lower(text);
    if (values.get(entry.out.mode, text) && !text.empty())
        labels.text_mode = equals_ignoring_case(text, "text");
    carry_parameters(
        entry, ParameterHome::type, labels.type != before.type || labels.subtype != before.subtype,
        labels
    );
    carry_parameters(
        entry, ParameterHome::disposition, labels.disposition != before.disposition, labels
    );
    for (const ParameterSetting& setting : entry.out.parameters) {
        std::string name;
        if (!values.get(setting.name, name) || name.empty()) continue;
        if (!values.get(setting.value, text)) continue;
        message::set_parameter(labels.parameters(setting.home), name, text);
    }
    return !values.not_now();
}

namespace {

enum class Scan { parts, relabels };

bool is_looked_at(const Entry& entry, Scan scan) {
    return scan == Scan::parts ||
           (entry.relabels && !entry.command && !entry.deletes && !entry.is_for_service());
}

PartPlan plan_scan(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    const AskTable& ask_table,
    Scan scan
) {
    PartPlan plan;
    plan.before = part.labels;
    plan.after = part.labels;
    for (const Entry& entry : entries.entries) {
        if (!is_looked_at(entry, scan)) continue;
        Tried tried{
            &entry, false,
            entry.is_for_service() ? "an entry with SERVICE-COMMAND is for the service only"
                                   : why_not(entry, message, part, plan.after)};
        tried.matched = tried.text.empty();
        if (!tried.matched) {
            plan.tried.push_back(std::move(tried));
            continue;
        }
        tried.text = what_it_does(entry);
        plan.tried.push_back(std::move(tried));
        plan.before = plan.after;
        plan.symbols = symbols_of(message, part, plan.before, entry);
        if (!entry.deletes && !apply_out_clauses(entry, plan.symbols, ask_table, plan.after))
            plan.not_now = true;
        if (entry.relabels && !entry.command && !entry.deletes) {
            plan.relabeled = true;
            continue;
        }
        plan.entry = &entry;
        break;
    }
    return plan;
}

}  // namespace

PartPlan plan_part(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    const AskTable& ask_table
) {
    return plan_scan(entries, message, part, ask_table, Scan::parts);
}

PartPlan plan_relabels(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    const AskTable& ask_table
) {
    return plan_scan(entries, message, part, ask_table, Scan::relabels);
}

const Entry* find_service(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    std::vector<Tried>& tried
) {
    for (const Entry& entry : entries.entries) {
        if (!entry.is_for_service()) continue;
        Tried one{&entry, false, why_not(entry, message, part, part.labels)};
        one.matched = one.text.empty();
        if (one.matched) one.text = "runs its service command";
        tried.push_back(std::move(one));
        if (tried.back().matched) return &entry;
    }
    return nullptr;
}

}  // namespace sluice::conversion
