#pragma once

#include <tao/pegtl.hpp>

// The right-hand side of a rewrite rule: text, the separators % and @, and sequences that begin
// with $. Nothing here fails: what is no sequence, or is not closed, matches a rule of its own, so
// that the reader can say what is wrong where.
namespace sluice::grammar::rewrite_template {

using namespace tao::pegtl;  // NOLINT(google-build-using-namespace): the rule names of the language

// clang-format off
struct dollar            : one<'$'> {};
struct number            : star<digit> {};                     // belongs to the mark that follows
struct literal_mark      : one<'$', '%', '@'> {};              // $$ $% $@
struct field_mark        : one<'&', '!', '*', '#'> {};         // $&n $!n $*n $#n
struct field_digit       : digit {};
struct case_mark         : one<'\\', '^', '_', '='> {};
struct substitution_mark : one<'U', 'u', 'D', 'd', 'H', 'h', 'L', 'l', 'W', 'w'> {};
struct url_mark          : one<'A', 'a', 'X', 'x'> {};         // inside $]...[ only
struct condition_mark    : one<'E', 'e', 'B', 'b', 'F', 'f', 'R', 'r', 'A', 'a', 'P', 'p', 'S', 's', 'X', 'x',
                               'M', 'm', 'N', 'n', 'Q', 'q', 'C', 'c', 'V', 'v', 'Z', 'z'> {};
struct effect_mark       : one<'T', 't', '?', '~'> {};
struct unknown_mark      : seq<number, opt<any>> {};           // E203
struct unclosed          : success {};                         // E204
struct missing_comma     : success {};

struct field             : seq<field_mark, field_digit> {};
struct plain_sequence    : sor<literal_mark, field, case_mark> {};

// The argument of a call-out: text and substitutions up to the closing character, which stands for
// itself after a $.
template <char Close> struct closing_mark : one<Close> {};
template <char Close> struct body_text    : plus<not_one<'$', Close>> {};
template <char Close> struct body_marks   : sor<plain_sequence, closing_mark<Close>, seq<number, substitution_mark>, unknown_mark> {};
template <> struct body_marks<'['>        : sor<plain_sequence, closing_mark<'['>, seq<number, sor<substitution_mark, url_mark>>, unknown_mark> {};
template <char Close> struct body         : star<sor<seq<dollar, body_marks<Close>>, body_text<Close>>> {};
template <char Close> struct closing      : sor<one<Close>, unclosed> {};
template <char Close> struct call_name    : star<not_one<',', Close>> {};
template <char Close> struct second_name  : star<not_one<',', Close>> {};
struct comma             : sor<one<','>, seq<eof, unclosed>, missing_comma> {};

struct general_open      : one<'('> {};
struct mapping_open      : one<'{'> {};
struct routine_open      : one<'['> {};
struct ldap_open         : one<']'> {};
struct general_call      : seq<general_open, body<')'>, closing<')'>> {};
struct mapping_call      : seq<mapping_open, call_name<'}'>, comma, body<'}'>, closing<'}'>> {};
struct routine_call      : seq<routine_open, call_name<']'>, comma, second_name<']'>, comma, body<']'>, closing<']'>> {};
struct ldap_call         : seq<ldap_open, body<'['>, closing<'['>> {};
struct call_out          : sor<general_call, mapping_call, routine_call, ldap_call> {};

struct fallback_open     : one<'.'> {};
struct fallback_text     : star<sor<seq<one<'$'>, any>, not_one<'$', '.'>>> {};
struct ldap_fallback     : seq<fallback_open, fallback_text, closing<'.'>> {};   // $.text.

struct marks             : sor<plain_sequence, call_out, ldap_fallback,
                               seq<number, sor<substitution_mark, condition_mark, effect_mark>>, unknown_mark> {};
struct sequence          : seq<dollar, marks> {};
struct percent_separator : one<'%'> {};
struct at_separator      : one<'@'> {};
struct text              : plus<not_one<'$', '%', '@'>> {};
struct rest_of_line      : plus<not_one<'$'>> {};

struct error_start       : seq<dollar, number, one<'?'>> {};
struct error_template    : seq<error_start, star<sor<sequence, rest_of_line>>> {};
struct address_template  : star<sor<sequence, percent_separator, at_separator, text>> {};
struct template_         : seq<sor<error_template, address_template>, eof> {};
// clang-format on

}  // namespace sluice::grammar::rewrite_template
