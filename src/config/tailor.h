#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "config/file_source.h"

// The tailor file imta_tailor: where everything of one instance is (docs/man/imta_tailor.5). The
// environment variable IMTA_TAILOR names it; programs read that variable, this room does not.
namespace sluice::config {

// clang-format off
enum class TailorEntry : std::uint8_t {
#define SLUICE_TAILOR(id, name, kind, base, fallback) id,
#include "config/tailor_table.inc"
#undef SLUICE_TAILOR
    count_  ///< number of entries, not an entry
};
// clang-format on
inline constexpr std::size_t tailor_entry_count = static_cast<std::size_t>(TailorEntry::count_);

/// Prefixes are followed this deep, which also ends circles.
inline constexpr int max_prefix_levels = 8;

/// Values that win over the file: a test run's, or those the environment may set.
using TailorOverrides = std::map<std::string, std::string, LessIgnoringCase>;

/// All places of one instance, resolved. Immutable.
class Tailor {
public:
    /// All defaults under `root`, a directory.
    explicit Tailor(std::string root, const TailorOverrides& overrides = {});

    /// A directory (always ending in "/") or file entry, resolved: absolute when the root is.
    [[nodiscard]] const std::string& path(TailorEntry entry) const { return text(entry); }
    [[nodiscard]] const std::string& text(TailorEntry entry) const;
    [[nodiscard]] std::int64_t number(TailorEntry entry) const;
    /// Whether the file (or an override) set it.
    [[nodiscard]] bool is_set(TailorEntry entry) const;
    /// "file:line", "environment" or "default".
    [[nodiscard]] std::string source(TailorEntry entry) const;

    /// Replaces a `NAME:` prefix (IMTA_TABLE:general.txt) by the entry's value. Other texts come
    /// back unchanged. NAME may be any entry of the file that begins with IMTA_; an unknown one, or
    /// prefixes nested deeper than max_prefix_levels, is a permanent Error.
    [[nodiscard]] Result<std::string> resolve(std::string_view value) const;
    /// resolve(), and what is still relative afterwards stands under `base`.
    [[nodiscard]] Result<std::string> resolve_path(
        std::string_view value, TailorEntry base = TailorEntry::root
    ) const;

    /// The file itself; empty for a Tailor of defaults.
    [[nodiscard]] const std::string& file() const { return file_; }
    /// Entries beyond the table, resolved, by name.
    [[nodiscard]] const std::map<std::string, std::string, LessIgnoringCase>& others() const {
        return others_;
    }

    static std::string_view name_of(TailorEntry entry);

private:
    friend class TailorReader;
    Tailor();
    struct Value {
        std::string text;
        std::string source = "default";
    };
    std::string file_;
    std::vector<Value> values_;
    std::map<std::string, std::string, LessIgnoringCase> others_;
};

/// IMTA_VERSION_LIMIT: how many versions of a component log are kept; 0: all.
std::size_t log_versions_kept(const Tailor& tailor);

/// Reads a tailor file's text. `path` names the file: without IMTA_ROOT the root is the parent of
/// the directory it is in, and a relative IMTA_ROOT starts at that directory. Codes: those of
/// option_file.h and option_value.h, E410 unknown or circular prefix, W410 directory without its
/// final "/" (added), W411 entry that does not begin with IMTA_.
Tailor parse_tailor(
    std::string_view text,
    const std::string& path,
    const TailorOverrides& overrides,
    Diagnostics& diagnostics
);
/// The same from the file; a missing or unreadable file is an Error.
Result<Tailor> load_tailor(
    FileSource& files,
    const std::string& path,
    const TailorOverrides& overrides,
    Diagnostics& diagnostics
);

}  // namespace sluice::config
