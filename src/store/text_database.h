#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/diagnostic.h"

namespace sluice::store {

/// A lookup database that is a text of the configuration: `general.txt`, `reverse.txt`,
/// `forward.txt`. A plain value, immutable once parsed; read it from any thread.
class TextDatabase {
public:
    /// Null where there is no such key. Keys have no case. The value is as written: what `$` means
    /// in it is for the reader to say.
    [[nodiscard]] const std::string* find(std::string_view key) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    friend TextDatabase parse_text_database(
        std::string_view text, const std::string& file_name, Diagnostics& diagnostics
    );
    std::unordered_map<std::string, std::string, HashIgnoringCase, EqualIgnoringCase> entries_;
};

/// Reads one entry a line: key, blanks, value; a blank of either is written `$ `, a dollar of a key
/// `$$`. Lines that begin with `!`, and blank ones, say nothing. Everything that is wrong is
/// reported in one pass; a line with an error is left out, of two lines with one key the first
/// counts.
///
/// Codes: E_NO_VALUE, E_TRAILING, E_DANGLING, E_TOO_LONG, E_NUL, E_DUPLICATE.
TextDatabase parse_text_database(
    std::string_view text, const std::string& file_name, Diagnostics& diagnostics
);

}  // namespace sluice::store
