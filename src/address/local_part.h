#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::address {

/// The meaning of a local part: quotation marks and backslashes of quoted strings removed. Also
/// takes the obsolete form of words with dots between them, `a."b c"` (RFC 5322 section 4.4).
std::string unquote_local_part(std::string_view local_part);

/// The shortest spelling of a local part with this meaning that rewriting reads the same way:
/// as it is where it is a dot-string (RFC 5321 section 4.1.2) without `%` and `!`, quoted
/// otherwise.
std::string quote_local_part(std::string_view meaning);

/// Takes needless quoting out of a local part. What is not quoted is returned as it stands, and
/// what is quoted stays so where quotation keeps `%`, `!` or `+` from being read as separators.
std::string canonical_local_part(std::string_view local_part);

/// Makes one quoted string of the obsolete form with several words, one of them quoted: `a."b"`
/// becomes `"a.b"`. nullopt where the local part does not have this form.
std::optional<std::string> join_quoted_words(std::string_view local_part);

/// A local part without its subaddress, and the subaddress without the separator.
struct Subaddress {
    std::string user;                   ///< spelled as a local part
    std::optional<std::string> detail;  ///< meaning, not spelling; nullopt where there is none
    friend bool operator==(const Subaddress&, const Subaddress&) = default;
};
/// Splits at the first separator that has something before it, in quoted local parts too.
Subaddress split_subaddress(std::string_view local_part, char separator = '+');

}  // namespace sluice::address
