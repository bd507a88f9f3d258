#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/protocol.h"

// Macros tell a filter what the commands do not: queue id, names, who is authenticated. Names are
// written as sendmail writes them: "i", "{mail_addr}". Pure.
namespace sluice::milter {

/// Names and values. A plain value; a macro without a value is left out.
class Macros {
public:
    void set(std::string_view name, std::string_view value);
    /// nullptr where it is not set. "i" and "{i}" are the same.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    /// All of `other`, over what is there.
    void merge(const Macros& other);

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// Which macros go with which stage.
class MacroLists {
public:
    /// Those that filters written for sendmail and Postfix expect.
    MacroLists();
    /// The filter's own wish for a stage: names between blanks or commas.
    void choose(Stage stage, std::string_view names);
    [[nodiscard]] const std::vector<std::string>& of(Stage stage) const {
        return lists_[static_cast<std::size_t>(stage)];
    }

private:
    std::array<std::vector<std::string>, stage_count> lists_;
};

/// Data of a macro packet for the command; nullopt where no macro of the stage is set.
std::optional<std::string> macro_data(
    char command, Stage stage, const MacroLists& lists, const Macros& macros
);

}  // namespace sluice::milter
