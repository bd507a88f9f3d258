#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/syntax_finding.h"

namespace sluice::mapping {

/// What happens after an entry; `none` and `end` both end the mapping.
enum class Control : std::uint8_t { none, end, next, loop, restart };

/// The right column of a mapping entry, compiled: a list of parts read from left to right, some
/// with an argument that is a list of parts itself. Immutable; safe to share between threads.
/// The language is described in mappings(5).
class Template {
public:
    enum class Kind : std::uint8_t {
        literal,       ///< `text`
        field,         ///< `$0` ... `$9`: field `number`
        lower,         ///< `$\`
        upper,         ///< `$^`
        as_is,         ///< `$_`
        quote_filter,  ///< `$=`
        sequence,      ///< `$#...#`
        general,       ///< `${...}`
        table,         ///< `$|...|`
        call_out,      ///< `$[...]`
        directory,     ///< `$]...[`
        domain,        ///< `$}...{`
        fallback,      ///< `$.text.`
        if_flag,       ///< `$:x`
        unless_flag,   ///< `$;x`
        chance,        ///< `$?p?`
        flag,          ///< output flag `letter`
        control,       ///< `$C $L $R $E`, and with `stop` `$+nC` ...
    };
    struct Part {
        Kind kind = Kind::literal;
        Control control = Control::none;
        bool stop = false;  ///< do not read the rest of the template
        char letter = 0;
        std::uint8_t number = 0;
        std::uint32_t source = 0;  ///< where it stands in `text()`
        std::string text;
        std::vector<Part> argument;
    };

    /// Compiles `text`. Every problem is added to `findings`; nullopt if one of them is an error.
    static std::optional<Template> parse(std::string_view text, SyntaxFindings& findings);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
    /// Names of the tables it calls, where the name is written out.
    [[nodiscard]] std::vector<std::string> called_tables() const;

private:
    std::string text_;
    std::vector<Part> parts_;
};

}  // namespace sluice::mapping
