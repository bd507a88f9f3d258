#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/file_source.h"

// The MTA options of option.dat (docs/man/option.dat.5). The table of all of them is
// option_table.inc; which of them something acts upon is honoured_options.inc.
namespace sluice::config {

// clang-format off
enum class OptionId : std::uint16_t {
#define SLUICE_OPTION(id, type, fallback, least, most, priority) id,
#include "config/option_table.inc"
#undef SLUICE_OPTION
    count_  ///< number of options, not an option
};
// clang-format on
inline constexpr std::size_t option_count = static_cast<std::size_t>(OptionId::count_);

enum class OptionType : std::uint8_t {
    boolean,
    integer,
    choice,
    positive,
    vital,
    real,
    text,
    integers,
    duration,
    octets,
    free_space
};

/// How much the option matters (inert: read for compatibility, and nothing is missed without it).
enum class OptionPriority : std::uint8_t { p1, p2, p3, inert };

/// One row of the table.
struct OptionRow {
    std::string_view id;  ///< lower case
    OptionType type;
    std::string_view fallback;  ///< the default, as it would stand in the file
    std::int64_t least;
    std::int64_t most;
    OptionPriority priority;
    bool honoured;

    /// As in the file: upper case.
    [[nodiscard]] std::string name() const { return to_upper(id); }
};
const OptionRow& option_row(OptionId id);
/// In any case; nullopt for a name that is not in the table.
std::optional<OptionId> find_option(std::string_view name);

/// A limit on free space, "5%", "512M" or "5%,512M": below the smaller of both is too little.
struct FreeSpaceLimit {
    std::optional<double> percent;
    std::optional<std::int64_t> units;  ///< octets, or inodes

    /// The number of units that must be free of `total`.
    [[nodiscard]] std::int64_t of(std::int64_t total) const;
    friend bool operator==(const FreeSpaceLimit&, const FreeSpaceLimit&) = default;
};
std::optional<FreeSpaceLimit> parse_free_space(std::string_view text);

/// Every option with its value and where it was set. Immutable; read it from any thread.
/// The accessor must fit the option's type in the table (asserted): integer() also serves choice,
/// positive, vital, octets and boolean.
class Options {
public:
    /// All defaults.
    Options();

    [[nodiscard]] bool boolean(OptionId id) const;
    [[nodiscard]] std::int64_t integer(OptionId id) const;
    /// Whether the bit of that value (1, 2, 4 ...) is set in a mask option.
    [[nodiscard]] bool bit(OptionId id, std::int64_t bit_value) const {
        return (integer(id) & bit_value) != 0;
    }
    [[nodiscard]] double real(OptionId id) const;
    /// Works for every type: the value as text. Empty where the option names nothing.
    [[nodiscard]] const std::string& text(OptionId id) const;
    [[nodiscard]] const std::vector<std::int64_t>& integers(OptionId id) const;
    [[nodiscard]] std::chrono::seconds duration(OptionId id) const;
    [[nodiscard]] const FreeSpaceLimit& free_space(OptionId id) const;

    /// Whether a file set it (to whatever value).
    [[nodiscard]] bool is_set(OptionId id) const;
    /// "file:line" or "default".
    [[nodiscard]] std::string source(OptionId id) const;
    [[nodiscard]] const SourceLocation& where(OptionId id) const;

    /// An option of the families that are taken whole.
    struct Other {
        std::string value;  ///< as written
        SourceLocation where;
        SourceLocation value_where;
        std::string line;
    };
    /// LDAP_*, SPAMFILTERn_*, BRIGHTMAIL_*, METERMAID.*, by name in upper case.
    [[nodiscard]] const std::map<std::string, Other, LessIgnoringCase>& others() const {
        return others_;
    }

    /// A copy in which one option has another value, given as in the file; for tests and for
    /// command lines. An unusable value leaves the option as it is.
    [[nodiscard]] Options with(OptionId id, std::string_view value) const;

private:
    friend class OptionsReader;
    struct Value {
        std::string text;
        std::int64_t integer = 0;
        double real = 0;
        std::vector<std::int64_t> integers;
        FreeSpaceLimit free_space;
        SourceLocation where;
        bool is_set = false;
    };
    [[nodiscard]] const Value& value(OptionId id) const {
        return values_[static_cast<std::size_t>(id)];
    }

    std::vector<Value> values_;
    std::map<std::string, Other, LessIgnoringCase> others_;
};

/// Reads the text of an option file. Errors leave the default in place; the caller decides whether
/// an option file with errors may be used. Codes: those of option_file.h and option_value.h, W406
/// value replaced by the default, E406 value not allowed (default kept), E407 BLOCK_SIZE unusable,
/// W407 values that do not go together.
Options parse_options(std::string_view text, std::string_view file_name, Diagnostics& diagnostics);
/// The same from a file; a missing file gives the defaults, an unreadable one is an error (E408).
Options load_options(FileSource& files, const std::string& path, Diagnostics& diagnostics);

/// The options a file has set to something else than the default although nothing acts upon them.
std::vector<OptionId> unhonoured_in_use(const Options& options);

}  // namespace sluice::config
