#include <algorithm>
#include <map>
#include <memory>

#include "base/bytes.h"
#include "config/option_file.h"
#include "grammar/option_file.h"

namespace sluice::config {
namespace {

namespace rules = grammar::option_file;

std::string_view trim_line_end(std::string_view text) {
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

// What the actions fill. A rule that fails after an action ran leaves only its own scratch fields
// behind, and the next name or section line overwrites them.
struct State {
    State(
        std::string_view text, std::string_view file_name, const OptionDialect& used, Diagnostics& d
    )
        : file(std::make_shared<const std::string>(file_name)),
          lines(split(text, '\n')),
          dialect(used),
          diagnostics(d) {
        result.sections.emplace_back();
        result.sections.front().where = {file, 1, 1};
    }

    [[nodiscard]] SourceLocation at(std::size_t line, std::size_t column) const {
        return {file, line, column};
    }
    [[nodiscard]] std::string quoted(std::size_t line) const {
        if (line == 0 || line > lines.size()) return {};
        return std::string(trim_line_end(lines[line - 1]).substr(0, max_option_line));
    }

    std::shared_ptr<const std::string> file;
    std::vector<std::string_view> lines;
    const OptionDialect& dialect;
    Diagnostics& diagnostics;
    OptionFile result;
    std::size_t current_section = 0;
    // scratch of the line being read
    Setting setting;
    bool value_started = false;
    std::string kind;
    std::string name;

    void begin_setting(std::string_view text, std::size_t line, std::size_t column);
    void add_piece(std::string_view text, std::size_t line, std::size_t column);
    void end_setting(std::size_t last_line);
    void end_section(std::size_t line);
    void junk(std::size_t line);

private:
    std::map<std::string, std::size_t> first_lines;  // by section number and name

    [[nodiscard]] bool lines_fit(std::size_t first, std::size_t last);
    [[nodiscard]] bool may_repeat(std::string_view setting_name) const;
    void warn_of_repetition();
};

void State::begin_setting(std::string_view text, std::size_t line, std::size_t column) {
    setting = {std::string(text), {}, at(line, column), at(line, column), quoted(line)};
    value_started = false;
}

void State::add_piece(std::string_view text, std::size_t line, std::size_t column) {
    if (!value_started) {
        setting.value_where = at(line, column);
        setting.line = quoted(line);
        value_started = true;
    }
    setting.value += text;
}

bool State::lines_fit(std::size_t first, std::size_t last) {
    for (std::size_t line = first; line <= last && line <= lines.size(); ++line) {
        if (lines[line - 1].size() <= max_option_line) continue;
        diagnostics.error(
            at(line, 1), "E402",
            "line of " + std::to_string(lines[line - 1].size()) + " octets; at most " +
                std::to_string(max_option_line) + " are read",
            {}, "end the line with a backslash and continue on the next"
        );
        return false;
    }
    return true;
}

bool State::may_repeat(std::string_view setting_name) const {
    return std::any_of(
        dialect.accumulating.begin(), dialect.accumulating.end(),
        [&](std::string_view name_) { return equals_ignoring_case(name_, setting_name); }
    );
}

void State::warn_of_repetition() {
    const auto key = std::to_string(current_section) + ' ' + to_lower(setting.name);
    const auto [earlier, fresh] = first_lines.emplace(key, setting.where.line);
    if (fresh || may_repeat(setting.name)) return;
    diagnostics.warning(
        setting.where, "W401",
        to_upper(setting.name) + " was set before, in line " + std::to_string(earlier->second) +
            "; this one counts",
        quoted(setting.where.line)
    );
}

void State::end_setting(std::size_t last_line) {
    if (!lines_fit(setting.where.line, last_line)) return;
    if (!value_started) setting.value_where = at(setting.where.line, setting.line.size() + 1);
    setting.value = trim(trim_line_end(setting.value));
    if (setting.value.ends_with('\\')) {
        diagnostics.warning(
            at(last_line, quoted(last_line).size()), "W402",
            "the backslash is not the last character of the line, so it continues nothing",
            quoted(last_line), "remove the blanks after it"
        );
    }
    warn_of_repetition();
    result.sections[current_section].settings.push_back(std::move(setting));
}

void State::end_section(std::size_t line) {
    const SourceLocation where = at(line, quoted(line).find('[') + 1);
    if (!dialect.sections) {
        diagnostics.error(where, "E403", "this file has no sections", quoted(line));
        return;
    }
    name = trim(name);
    const auto same = std::find_if(
        result.sections.begin() + 1, result.sections.end(),
        [&](const Section& section) {
            return equals_ignoring_case(section.kind, kind) &&
                   equals_ignoring_case(section.name, name);
        }
    );
    current_section = static_cast<std::size_t>(same - result.sections.begin());
    if (same == result.sections.end()) {
        result.sections.push_back({to_upper(kind), name, where, quoted(line), {}});
        return;
    }
    diagnostics.warning(
        where, "W403",
        "a section of this name began in line " + std::to_string(same->where.line) +
            "; what follows is added to it",
        quoted(line)
    );
}

void State::junk(std::size_t line) {
    if (!lines_fit(line, line)) return;
    const std::string text = quoted(line);
    const std::size_t column = std::min(text.find_first_not_of(" \t"), text.size()) + 1;
    const char first = column <= text.size() ? text[column - 1] : ' ';
    std::string hint;
    if (first == '[' && dialect.sections) hint = "a section line looks like [KIND=name]";
    if (dialect.only_exclamation_comments && (first == '#' || first == ';')) {
        hint = "in this file only \"!\" starts a comment";
    }
    diagnostics.error(at(line, column), "E401", "expected name = value", text, hint);
}

template <class Rule>
struct Action {};

template <>
struct Action<rules::name> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        const auto where = in.position();
        state.begin_setting(in.string_view(), where.line, where.column);
    }
};
template <>
struct Action<rules::value_piece> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        const auto where = in.position();
        state.add_piece(in.string_view(), where.line, where.column);
    }
};
template <>
struct Action<rules::setting_end> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.end_setting(in.position().line);
    }
};
template <>
struct Action<rules::section_kind> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.kind = in.string_view();
    }
};
template <>
struct Action<rules::section_name> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.name = in.string_view();
    }
};
template <>
struct Action<rules::section_end> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.end_section(in.position().line);
    }
};
template <>
struct Action<rules::junk_line> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.junk(in.position().line);
    }
};

}  // namespace

OptionFile parse_option_file(
    std::string_view text,
    std::string_view file_name,
    const OptionDialect& dialect,
    Diagnostics& diagnostics
) {
    using namespace tao;
    State state(text, file_name, dialect, diagnostics);
    pegtl::memory_input in(text.data(), text.size(), std::string(file_name));
    if (dialect.only_exclamation_comments) {
        pegtl::parse<rules::file<rules::exclamation_sign>, Action>(in, state);
    } else {
        pegtl::parse<rules::file<rules::any_sign>, Action>(in, state);
    }
    return std::move(state.result);
}

}  // namespace sluice::config
