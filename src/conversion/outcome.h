#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conversion/labels.h"

// What a command said and how it ended, and what follows (spec page conversions, sections 2.5 and
// 2.6). Pure.
namespace sluice::conversion {

/// Words of STATUS.
enum class Directive {
    none,
    force_return,   ///< the message goes back to its sender
    force_hold,     ///< the message is held
    force_delete,   ///< the part goes
    force_discard,  ///< the message is thrown away
    again,          ///< the message is tried again later
    no_change,      ///< the part stays as it was
};
std::string_view to_string(Directive directive);  ///< "FORCERETURN"; "none"
/// "PMDF__FORCEHOLD", "FORCEHOLD", "178030250", "0x0A9C86AA".
std::optional<Directive> parse_status(std::string_view text);

/// OUTPUT_OPTIONS.
struct OutputOptions {
    std::optional<std::string> type;
    std::optional<std::string> subtype;
    std::optional<std::string> description;
    std::optional<std::string> disposition;
    std::optional<std::string> encoding;
    std::optional<std::string> mode;
    std::string diagnostic;
    std::optional<std::string> status;
};
/// Lines "NAME=value", quotes optional. Other lines are told in `warnings`.
OutputOptions parse_output_options(std::string_view text, std::vector<std::string>& warnings);
/// OUTPUT_TYPE and its like win over the OUT- clauses.
void apply_options(const OutputOptions& options, Labels& labels);

/// How a command ended.
struct CommandEnd {
    enum class Kind {
        exited,   ///< `code` is its exit status
        killed,   ///< by the signal `code`, not by us
        limited,  ///< by us: `limit` says what it exceeded
        failed,   ///< could not be started: `limit` says why
    };
    Kind kind = Kind::exited;
    int code = 0;
    std::string limit;
};

struct Verdict {
    Directive directive = Directive::none;  ///< none: OUTPUT_FILE takes the place of the content
    std::string text;                       ///< for log and notification; may be empty
    std::vector<std::string> warnings;      ///< for the component log
};

/// `has_output`: the command made OUTPUT_FILE.
Verdict judge(const CommandEnd& end, const OutputOptions& options, bool has_output);

}  // namespace sluice::conversion
