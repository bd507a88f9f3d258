#include "config/programs.h"

#include <algorithm>
#include <cerrno>

#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::string_view section_kind = "METHOD";
constexpr std::string_view names[] = {"ARGUMENTS", "PERMISSION", "PROGRAM", "USER"};

void take(const Setting& setting, DeliveryProgram& program, Diagnostics& diagnostics) {
    if (equals_ignoring_case(setting.name, "PROGRAM")) {
        program.program = setting.value;
    } else if (equals_ignoring_case(setting.name, "ARGUMENTS")) {
        program.arguments = setting.value;
    } else if (equals_ignoring_case(setting.name, "USER")) {
        program.account = setting.value;
    } else if (equals_ignoring_case(setting.name, "PERMISSION")) {
        program.as_recipient = equals_ignoring_case(setting.value, "user");
        if (!program.as_recipient && !equals_ignoring_case(setting.value, "postmaster"))
            report_malformed(setting, "USER or POSTMASTER", diagnostics);
    } else {
        report_unknown(setting, "program option", names, diagnostics);
    }
}

bool is_usable(const DeliveryProgram& program, const Section& section, Diagnostics& diagnostics) {
    if (!is_method_name(program.method)) {
        diagnostics.error(
            section.where, "E480", "not a name of a method", section.line,
            "letters, digits and -_. make one"
        );
    } else if (!is_program_name(program.program)) {
        diagnostics.error(
            section.where, "E481", "method " + program.method + " has no program", section.line,
            "PROGRAM= names a file in the directory IMTA_PROGRAM, without a path"
        );
    } else if (!split_arguments(program.arguments)) {
        diagnostics.error(section.where, "E482", "a quote does not end", section.line);
    } else {
        return true;
    }
    return false;
}

/// A method's section: from its head to its last line that says something. Comments behind that
/// belong to what follows.
struct Extent {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
};

bool is_head_of(std::string_view line, std::string_view method) {
    const std::size_t equals = line.find('=');
    const std::size_t close = line.find(']');
    return line.starts_with('[') && close != std::string_view::npos && equals < close &&
           equals_ignoring_case(trim(line.substr(1, equals - 1)), section_kind) &&
           equals_ignoring_case(trim(line.substr(equals + 1, close - equals - 1)), method);
}

Extent find_section(std::string_view text, std::string_view method) {
    constexpr std::string_view comments = "!#;";
    Extent extent;
    for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
        next = std::min(text.find('\n', at), text.size() - 1) + 1;
        const std::string_view line = trim(text.substr(at, text.find_first_of("\r\n", at) - at));
        if (line.empty() || comments.find(line.front()) != std::string_view::npos) continue;
        if (is_head_of(line, method)) {
            if (extent.begin == std::string_view::npos) extent.begin = at;
        } else if (line.front() == '[' && extent.begin != std::string_view::npos) {
            break;
        }
        if (extent.begin != std::string_view::npos) extent.end = next;
    }
    return extent;
}

std::string section_text(const DeliveryProgram& program) {
    std::string text = "[METHOD=" + program.method + "]\nPROGRAM=" + program.program + '\n';
    if (!program.arguments.empty()) text += "ARGUMENTS=" + program.arguments + '\n';
    if (program.as_recipient) text += "PERMISSION=USER\n";
    if (!program.account.empty()) text += "USER=" + program.account + '\n';
    return text;
}

}  // namespace

bool is_method_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name || !is_alnum(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_alnum(c) || c == '-' || c == '_' || c == '.';
    });
}

bool is_program_name(std::string_view name) {
    return !name.empty() && name.front() != '.' &&
           std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || is_control(c); });
}

std::optional<std::vector<std::string>> split_arguments(std::string_view text) {
    std::vector<std::string> words;
    bool in_word = false;
    bool in_quotes = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!in_quotes && (c == ' ' || c == '\t')) {
            in_word = false;
            continue;
        }
        if (!in_word) words.emplace_back();
        in_word = true;
        if (c == '"') {
            in_quotes = !in_quotes;
        } else if (c == '\\' && i + 1 < text.size()) {
            words.back() += text[++i];
        } else {
            words.back() += c;
        }
    }
    if (in_quotes) return std::nullopt;
    return words;
}

DeliveryPrograms parse_programs(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    OptionDialect dialect;
    dialect.sections = true;
    const auto file = parse_option_file(text, file_name, dialect, diagnostics);
    DeliveryPrograms programs;
    for (const Section& section : file.sections) {
        DeliveryProgram program;
        if (section.kind != section_kind) {
            for (const Setting& setting : section.settings)
                report_unknown(setting, "option outside of a [METHOD=...]", names, diagnostics);
            continue;
        }
        program.method = section.name;
        program.where = section.where;
        for (const Setting& setting : section.settings) take(setting, program, diagnostics);
        if (is_usable(program, section, diagnostics))
            programs.insert_or_assign(program.method, program);
    }
    return programs;
}

Result<DeliveryPrograms> load_programs(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (text) return parse_programs(*text, path, diagnostics);
    if (text.error().error_number() == ENOENT) return DeliveryPrograms{};
    return text.error();
}

std::string with_method(std::string_view text, const DeliveryProgram& program) {
    std::string out(text);
    const Extent old = find_section(text, program.method);
    if (old.begin != std::string_view::npos)
        return out.replace(old.begin, old.end - old.begin, section_text(program));
    if (!out.empty() && out.back() != '\n') out += '\n';
    if (!out.empty()) out += '\n';
    return out + section_text(program);
}

std::string without_method(std::string_view text, std::string_view method) {
    std::string out(text);
    const Extent old = find_section(text, method);
    if (old.begin != std::string_view::npos) out.erase(old.begin, old.end - old.begin);
    return out;
}

}  // namespace sluice::config
