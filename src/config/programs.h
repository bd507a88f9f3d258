#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/file_source.h"

// programs.cnf: the only programs that pipe channels may run (docs/man/programs.cnf.5). `imsimta
// program` writes it; people may, too.
namespace sluice::config {

/// One method: a name that addresses use, and the program behind it.
struct DeliveryProgram {
    std::string method;
    std::string program;    ///< a name in the directory IMTA_PROGRAM
    std::string arguments;  ///< as written; split_arguments() takes them apart
    /// Run as the user that the message is for, who has an account on this system.
    bool as_recipient = false;
    std::string account;  ///< run as this account; empty: as the MTA's
    SourceLocation where;
};

struct IgnoringCaseLess {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        return to_lower(a) < to_lower(b);
    }
};

/// By method, in any case.
using DeliveryPrograms = std::map<std::string, DeliveryProgram, IgnoringCaseLess>;

/// Its name in the directory of the configuration.
inline constexpr std::string_view programs_file = "programs.cnf";

/// Letters, digits, and -_. inside; at most 64.
bool is_method_name(std::string_view name);
/// A name in a directory: neither empty nor hidden, without "/" and controls.
bool is_program_name(std::string_view name);
/// Words between blanks; "double quotes" keep blanks, \ the next octet. nullopt: a quote does not
/// end.
std::optional<std::vector<std::string>> split_arguments(std::string_view text);

/// A method with an error is left out. Codes: those of option_file.h and option_value.h; E480 not a
/// method name, E481 no PROGRAM, or not the name of one, E482 a quote does not end.
DeliveryPrograms parse_programs(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing file has no methods; an unreadable one is an Error.
Result<DeliveryPrograms> load_programs(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
);

/// `text` with this method instead of the one of its name, or behind all others. Everything else
/// stays as it was written.
std::string with_method(std::string_view text, const DeliveryProgram& program);
/// `text` without the method.
std::string without_method(std::string_view text, std::string_view method);

}  // namespace sluice::config
