#include "config/containment_options.h"

#include <optional>

#include "containment/program_rights.h"

namespace sluice::config {

namespace {

using Mode = ContainmentOptions::Mode;
constexpr std::string_view family = "CONTAINMENT.";

std::optional<Mode> mode_of(std::string_view word) {
    if (equals_ignoring_case(word, "off")) return Mode::off;
    if (equals_ignoring_case(word, "usual")) return Mode::usual;
    if (equals_ignoring_case(word, "strict")) return Mode::strict;
    return std::nullopt;
}

/// nullopt: one of them is no complete path.
std::optional<std::vector<std::string>> paths_of(std::string_view value) {
    std::vector<std::string> paths;
    for (const std::string_view item : split(value, ',')) {
        const std::string_view path = trim(item);
        if (path.empty()) continue;
        if (!path.starts_with('/')) return std::nullopt;
        paths.emplace_back(path);
    }
    return paths;
}

class Reader {
public:
    explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    void take(const std::string& full_name, const Options::Other& option) {
        const std::string_view name = std::string_view(full_name).substr(family.size());
        const std::size_t dot = name.rfind('.');
        const bool is_of_program = dot != std::string_view::npos;
        const std::string program = is_of_program ? to_lower(name.substr(0, dot)) : std::string();
        const std::string_view word = is_of_program ? name.substr(dot + 1) : name;
        if (is_of_program && containment::find_program(program) == nullptr)
            return no_effect(full_name, option, "there is no program " + program);
        if (!is_of_program && word == "MODE") return take_mode(full_name, option);
        if (word == "READ") return take_paths(full_name, option, result_.places[program].read);
        if (word == "WRITE") return take_paths(full_name, option, result_.places[program].written);
        no_effect(
            full_name, option,
            "there are CONTAINMENT.MODE, .READ, .WRITE, and CONTAINMENT.program.READ, .WRITE"
        );
    }
    [[nodiscard]] ContainmentOptions result() && { return std::move(result_); }

private:
    void take_mode(const std::string& name, const Options::Other& option) {
        if (const auto mode = mode_of(trim(option.value)))
            result_.mode = *mode;
        else
            wrong(name, option, "off, usual or strict");
    }
    void take_paths(
        const std::string& name, const Options::Other& option, std::vector<std::string>& into
    ) {
        if (auto paths = paths_of(option.value))
            into = std::move(*paths);
        else
            wrong(name, option, "complete paths between commas");
    }
    void no_effect(const std::string& name, const Options::Other& option, const std::string& hint) {
        diagnostics_.warning(
            option.where, "W495", "option " + name + " has no effect", option.line, hint
        );
    }
    void wrong(const std::string& name, const Options::Other& option, const std::string& expected) {
        diagnostics_.error(
            option.value_where, "E495", name + ": expected " + expected, option.line
        );
    }

    Diagnostics& diagnostics_;
    ContainmentOptions result_;
};

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

ContainmentOptions::Places ContainmentOptions::places_of(std::string_view program) const {
    Places all;
    for (const std::string_view key : {std::string_view(), program}) {
        const auto found = places.find(key);
        if (found == places.end()) continue;
        append(all.read, found->second.read);
        append(all.written, found->second.written);
    }
    return all;
}

ContainmentOptions read_containment_options(const Options& options, Diagnostics& diagnostics) {
    Reader reader(diagnostics);
    for (const auto& [name, option] : options.others()) {
        if (starts_with_ignoring_case(name, family)) reader.take(name, option);
    }
    return std::move(reader).result();
}

}  // namespace sluice::config
