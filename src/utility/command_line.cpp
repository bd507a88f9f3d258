#include "utility/command_line.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::utility {

namespace {

Error usage_error(std::string ident, std::string text) {
    return Error::permanent({5, 5, 4}, std::move(text), std::move(ident));
}

template <class T>
PrefixMatch<T> match_prefix(std::span<const T> items, std::string_view word) {
    PrefixMatch<T> result;
    if (word.empty()) return result;
    for (const T& item : items) {
        if (equals_ignoring_case(item.name, word)) return {&item, {}};
        if (starts_with_ignoring_case(item.name, word)) result.candidates.push_back(&item);
    }
    if (result.candidates.size() == 1) return {result.candidates.front(), {}};
    return result;
}

template <class T>
std::string names_of(const std::vector<const T*>& items) {
    std::string out;
    for (const T* item : items) out += (out.empty() ? "" : ", ") + std::string(item->name);
    return out;
}

}  // namespace

PrefixMatch<Command> match_command(std::span<const Command> commands, std::string_view word) {
    return match_prefix(commands, word);
}
PrefixMatch<Switch> match_switch(std::span<const Switch> switches, std::string_view word) {
    return match_prefix(switches, word);
}

/// One pass over the words; the only writer of a CommandLine.
class CommandLineParser {
public:
    CommandLineParser(std::span<const Command> utilities, const CommandLineSyntax& syntax)
        : utilities_(utilities), syntax_(syntax) {}

    Result<CommandLine> parse(std::span<const std::string> words);

private:
    [[nodiscard]] std::string_view switch_text(std::string_view word) const;
    Result<void> take_utility(std::string_view word);
    Result<bool> take_subcommand(std::string_view word);
    /// Whether the word behind this switch is its value.
    [[nodiscard]] bool takes_next_word(std::string_view text) const;
    Result<void> take_switch(std::string_view text, std::optional<std::string_view> value);
    Result<void> take_value(
        const Switch& what, bool negated, std::optional<std::string_view> value
    );
    Result<void> check_count() const;

    std::span<const Command> utilities_;
    const CommandLineSyntax& syntax_;
    CommandLine line_;
};

// The word without its switch mark; empty if it is a parameter. A single "-" is one (standard
// input, as elsewhere).
std::string_view CommandLineParser::switch_text(std::string_view word) const {
    if (word.size() > 2 && word.starts_with("--")) return word.substr(2);
    if (word.size() > 1 && word.front() == '-') return word.substr(1);
    if (syntax_.slash_switches && word.size() > 1 && word.front() == '/') return word.substr(1);
    return {};
}

Result<void> CommandLineParser::take_utility(std::string_view word) {
    const auto found = match_command(utilities_, word);
    if (found.match != nullptr) {
        line_.path_.push_back(found.match);
        return {};
    }
    if (!found.candidates.empty()) {
        return usage_error(
            "AMBIG", std::string(word) + " is ambiguous: " + names_of(found.candidates)
        );
    }
    return usage_error(
        "UNKVERB", "unknown utility " + std::string(word) + "; imsimta help lists them"
    );
}

// Whether the word was a sub-command. Where a command can do without one, other words are
// parameters.
Result<bool> CommandLineParser::take_subcommand(std::string_view word) {
    const Command& command = line_.command();
    const auto found = match_command(command.subcommands, word);
    if (found.match != nullptr) {
        line_.path_.push_back(found.match);
        return true;
    }
    if (!found.candidates.empty()) {
        return usage_error(
            "AMBIG", std::string(word) + " is ambiguous: " + names_of(found.candidates)
        );
    }
    if (command.most_parameters > 0) return false;
    return usage_error(
        "UNKVERB", "unknown sub-command " + line_.command_name() + ' ' + std::string(word)
    );
}

Result<void> CommandLineParser::take_value(
    const Switch& what, bool negated, std::optional<std::string_view> value
) {
    const std::string shown = '-' + std::string(what.name);
    using Value = Switch::Value;
    const bool needs_value = what.value == Value::required || what.value == Value::negatable ||
                             what.value == Value::structured || what.value == Value::word;
    if (negated && value) return usage_error("VALUE", "-no" + shown.substr(1) + " takes no value");
    if (value && what.value == Value::none) return usage_error("VALUE", shown + " takes no value");
    const bool may_be_empty = what.value == Value::word;
    if (needs_value && !negated && (!value || (value->empty() && !may_be_empty))) {
        return usage_error("NOVALUE", shown + " needs a value: " + shown + "=value");
    }
    if (what.value == Value::structured) {
        const bool closed = value->size() >= 2 && value->front() == '(' && value->back() == ')';
        if (!closed && value->find(',') != std::string_view::npos) {
            return usage_error("VALUE", shown + " is written " + shown + "=(KEY=n,KEY=n)");
        }
    }
    // The last one on the line wins, so one entry for each switch is enough.
    std::erase_if(line_.given_, [&](const auto& given) { return given.what == &what; });
    line_.given_.push_back(
        {&what, negated, value ? std::optional<std::string>(*value) : std::nullopt}
    );
    return {};
}

bool CommandLineParser::takes_next_word(std::string_view text) const {
    if (text.find('=') != std::string_view::npos) return false;
    const auto found = match_switch(line_.command().switches, text);
    return found.match != nullptr && found.match->value == Switch::Value::word;
}

// `value`: the word behind it, where that belongs to it.
Result<void> CommandLineParser::take_switch(
    std::string_view text, std::optional<std::string_view> value
) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals != std::string_view::npos) value = text.substr(equals + 1);

    // -noheading: as a name first ("node"), then as a negation.
    const auto& switches = line_.command().switches;
    auto found = match_switch(switches, name);
    if (found.match != nullptr) return take_value(*found.match, false, value);
    std::vector<const Switch*> candidates = found.candidates;
    if (candidates.empty() && starts_with_ignoring_case(name, "no")) {
        const auto positive = match_switch(switches, name.substr(2));
        if (positive.match != nullptr && positive.match->may_be_negated()) {
            return take_value(*positive.match, true, value);
        }
        if (positive.match != nullptr) {
            return usage_error(
                "NOTNEG", '-' + std::string(positive.match->name) + " has no negation"
            );
        }
        candidates = positive.candidates;
    }
    const std::string shown = '-' + std::string(name);
    if (!candidates.empty()) {
        return usage_error("AMBIG", shown + " is ambiguous: " + names_of(candidates));
    }
    return usage_error("UNKSWITCH", "unknown switch " + shown + " for " + line_.command_name());
}

Result<void> CommandLineParser::check_count() const {
    const Command& command = line_.command();
    const std::size_t count = line_.parameters_.size();
    if (command.run == nullptr) {
        return usage_error("MISSING", line_.command_name() + " needs a sub-command");
    }
    if (count < command.least_parameters) {
        return usage_error(
            "MISSING", "parameter missing: imsimta " + line_.command_name() + ' ' +
                           std::string(command.parameters)
        );
    }
    if (count > command.most_parameters) {
        return usage_error(
            "TOOMANY", "unexpected parameter " + line_.parameters_[command.most_parameters]
        );
    }
    return {};
}

Result<CommandLine> CommandLineParser::parse(std::span<const std::string> words) {
    if (words.empty()) return usage_error("NOVERB", "no utility given; imsimta help lists them");
    if (auto utility = take_utility(words.front()); !utility) return std::move(utility).error();
    bool only_parameters = false;
    // Switches before the sub-command belong to it: imsimta qm -held directory.
    std::vector<std::pair<std::string_view, std::optional<std::string_view>>> early;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!only_parameters && word == "--") {
            only_parameters = true;
            continue;
        }
        const std::string_view text = only_parameters ? std::string_view() : switch_text(word);
        if (!text.empty()) {
            early.emplace_back(text, std::nullopt);
            if (takes_next_word(text) && i + 1 < words.size()) early.back().second = words[++i];
            continue;
        }
        if (!only_parameters && line_.parameters_.empty() && !line_.command().subcommands.empty()) {
            auto taken = take_subcommand(word);
            if (!taken) return std::move(taken).error();
            if (*taken) continue;
        }
        line_.parameters_.push_back(word);
    }
    for (const auto& [text, value] : early) {
        if (auto taken = take_switch(text, value); !taken) return taken.error();
    }
    if (auto counted = check_count(); !counted) return counted.error();
    return std::move(line_);
}

std::string CommandLine::command_name() const {
    std::string name;
    for (const Command* command : path_) {
        name += (name.empty() ? "" : " ") + std::string(command->name);
    }
    return name;
}

const CommandLine::Given* CommandLine::find(std::string_view name) const {
    for (const auto& given : given_) {
        if (given.what->name == name) return &given;
    }
    return nullptr;
}

bool CommandLine::has(std::string_view name) const {
    const Given* given = find(name);
    return given != nullptr && !given->negated;
}

bool CommandLine::is_negated(std::string_view name) const {
    const Given* given = find(name);
    return given != nullptr && given->negated;
}

std::optional<std::string_view> CommandLine::value(std::string_view name) const {
    const Given* given = find(name);
    if (given == nullptr || !given->value) return std::nullopt;
    return *given->value;
}

std::map<std::string, std::string> CommandLine::pairs(std::string_view name) const {
    std::map<std::string, std::string> result;
    auto text = value(name).value_or("");
    if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
        text = text.substr(1, text.size() - 2);
    }
    if (text.empty()) return result;
    for (const std::string_view pair : split(text, ',')) {
        const std::size_t equals = pair.find('=');
        const std::string_view content =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        result.insert_or_assign(to_upper(trim(pair.substr(0, equals))), std::string(trim(content)));
    }
    return result;
}

std::vector<std::string_view> CommandLine::switches() const {
    std::vector<std::string_view> names;
    for (const auto& given : given_) {
        if (!given.negated) names.push_back(given.what->name);
    }
    return names;
}

Result<CommandLine> parse_command_line(
    std::span<const Command> utilities,
    std::span<const std::string> words,
    const CommandLineSyntax& syntax
) {
    return CommandLineParser(utilities, syntax).parse(words);
}

}  // namespace sluice::utility
