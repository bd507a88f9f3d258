#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

// The conversions file, compiled: entries in the order of the file. An entry says which parts of a
// message it is for (conditions) and what is done with them (spec page conversions, section 2.3).
// Plain values, immutable once read.
namespace sluice::conversion {

/// What a match clause compares with.
enum class Field : std::uint8_t {
    in_channel,
    out_channel,
    type,
    subtype,
    description,
    disposition,
    subject,
    a1_format,  ///< of a kind of message that MIME has none of: always empty
    a1_type,    ///< the same
    part_number,
    tag,
};
std::string_view to_string(Field field);  ///< "IN-TYPE"

struct Condition {
    Field field = Field::type;
    std::string pattern;
};

/// Parameters belong to Content-Type, or to Content-Disposition (clauses with D).
enum class ParameterHome : std::uint8_t { type, disposition };

/// IN-PARAMETER-NAME-n, -VALUE-n, -DEFAULT-n.
struct ParameterCondition {
    ParameterHome home = ParameterHome::type;
    unsigned number = 0;  ///< n
    std::string name;
    std::string pattern = "*";
    std::optional<std::string> fallback;  ///< value of a parameter that is missing
};

/// OUT-PARAMETER-NAME-n with its OUT-PARAMETER-VALUE-n.
struct ParameterSetting {
    ParameterHome home = ParameterHome::type;
    std::string name;
    std::string value;
};

/// PARAMETER-COPY-n: pattern of names.
struct ParameterCopy {
    ParameterHome home = ParameterHome::type;
    std::string names;
};

/// PARAMETER-SYMBOL-n.
struct ParameterSymbol {
    ParameterHome home = ParameterHome::type;
    std::string symbol;     ///< of the environment
    std::string parameter;  ///< whose value it gets
};

/// OUT- clauses; values with symbols in them.
struct OutClauses {
    std::optional<std::string> type;
    std::optional<std::string> subtype;
    std::optional<std::string> description;
    std::optional<std::string> disposition;
    std::optional<std::string> encoding;
    std::optional<std::string> mode;
    std::vector<ParameterSetting> parameters;

    [[nodiscard]] bool any() const {
        return type || subtype || description || disposition || encoding || mode ||
               !parameters.empty();
    }
};

struct Entry {
    SourceLocation where;  ///< of its first clause
    std::vector<Condition> conditions;
    std::vector<ParameterCondition> parameter_conditions;
    std::optional<std::string> command;
    std::optional<std::string> service_command;
    SourceLocation service_where;
    bool deletes = false;   ///< DELETE
    bool relabels = false;  ///< RELABEL
    OutClauses out;
    std::vector<ParameterCopy> copies;
    std::vector<ParameterSymbol> symbols;
    bool original_header_file = false;
    bool override_header_file = false;
    bool override_option_file = false;
    unsigned message_header_file = 0;  ///< 1: nearest message, 2: outermost

    /// Only for the conversion service: parts are not compared with it.
    [[nodiscard]] bool is_for_service() const { return service_command.has_value(); }
    /// "IN-TYPE=text; COMMAND=...", for tests.
    [[nodiscard]] std::string to_debug_string() const;
};

struct Entries {
    std::vector<Entry> entries;
};

}  // namespace sluice::conversion
