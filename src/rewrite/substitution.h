#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rewrite/expansion.h"
#include "rewrite/template.h"

namespace sluice::rewrite {

/// What later text is put through: $\ $^ $_ $=
enum class TextMode { keep, lower, upper, ldap };
/// The mode a case switch sets; nullopt for other kinds.
std::optional<TextMode> mode_of(TokenKind kind);
/// Appends the text in a mode. `ldap` escapes for a search filter (RFC 4515 section 3).
void append_in_mode(std::string& out, std::string_view text, TextMode mode);

/// The text of a substitution or text token; nullopt where it names a part that does not exist.
std::optional<std::string> substitute(const Token& token, const Subject& subject);

}  // namespace sluice::rewrite
