#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::rewrite {

/// One element of a template. Names follow what it does; the sequence stands beside it. The order
/// counts: substitutions, call-outs, conditions and effects are told apart by range.
enum class TokenKind : std::uint8_t {
    text,               // any characters, and $$ $% $@
    percent_separator,  // %
    at_separator,       // @
    // substitutions
    local_part,       // $U
    user,             // $0U  without subaddress
    subaddress,       // $1U
    matched,          // $D $nD
    unmatched,        // $H $nH
    literal,          // $L
    unmatched_left,   // $&n
    unmatched_right,  // $!n
    matched_left,     // $*n
    matched_right,    // $#n
    lower_case,       // $\ (backslash)
    upper_case,       // $^
    keep_case,        // $_
    ldap_quoting,     // $=
    unique,           // $W
    whole_address,    // $A $nA inside $]...[
    host_part,        // $X $nX inside $]...[
    // call-outs
    general_database,  // $(key)
    mapping,           // ${table,text}
    site_routine,      // $[image,routine,text]
    ldap,              // $]url[
    // conditions
    envelope,             // $E
    header,               // $B
    forward,              // $F
    backward,             // $R
    at_position,          // $A
    percent_position,     // $P
    route_position,       // $S
    bang_position,        // $X
    source_is,            // $M
    source_is_not,        // $N
    reprocessing,         // $1M
    not_reprocessing,     // $1N
    destination_is,       // $Q
    destination_is_not,   // $C
    domain_is_local,      // $V
    domain_is_not_local,  // $Z
    // effects
    set_tag,            // $T
    set_error,          // $? $n?
    check_channels,     // $1~
    set_ldap_fallback,  // $.text.
};

struct Token {
    TokenKind kind = TokenKind::text;
    std::optional<std::uint32_t> number;  ///< digits between `$` and the letter, or after & ! * #
    std::string text;                     ///< literal text; name of a table or image
    std::string routine;                  ///< second name of a site routine
    std::vector<Token> body;              ///< argument of a call-out: text and substitutions only
    std::size_t begin = 0;                ///< offsets in the template
    std::size_t end = 0;
};

/// A template, read once. `tokens` describe `text` from beginning to end.
struct Template {
    std::string text;
    std::vector<Token> tokens;
    bool error_only = false;  ///< begins with $? or $n?: nothing but an error text
};

/// Why a text is no template. `code` is that of the diagnostic.
struct TemplateProblem {
    std::string code;
    std::size_t offset = 0;
    std::string text;
    std::string hint;
};

struct ParsedTemplate {
    Template value;
    std::optional<TemplateProblem> problem;
};

/// Reads a template or a part of one. Finds E203 and E204, not E202: see check_form.
ParsedTemplate parse_template(std::string_view text);

/// The forms of a template by what its separators make of it.
enum class Form { error_only, repeat, route_is_host, host_and_route, with_source_route, none };
/// `separators` are the separators in order, for example "%@".
Form form_of(std::string_view separators);

/// E202: the separators of a template fit no form. nullopt where they do, and where a call-out can
/// bring in more.
std::optional<TemplateProblem> check_form(const Template& parsed);

/// A routing system that is the same for every address.
struct ConstantRoutingSystem {
    std::string name;
    std::size_t offset = 0;
};
/// nullopt where the template has none, computes it, or sets an error text of its own.
std::optional<ConstantRoutingSystem> constant_routing_system(const Template& parsed);

/// Whether a rule with this template can fail, so that later rules with its pattern have a use.
bool can_fail(const Template& parsed);

bool is_call_out(TokenKind kind);
/// Control sequences that are followed by an argument.
bool takes_argument(TokenKind kind);

}  // namespace sluice::rewrite
