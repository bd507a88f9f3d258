#pragma once

#include <tao/pegtl.hpp>

// Arguments of the SMTP commands that have a syntax of their own (RFC 5321 section 4.1.2 with its
// extensions). An address is only delimited here, in raw text: what is inside the angle brackets is
// the business of the mailbox grammar.
namespace sluice::grammar::smtp_command {

using namespace tao::pegtl;

// clang-format off
struct wsp             : one<' ', '\t'> {};

// RFC 5321 section 4.1.2: quoted strings may hold '>' and '"', address literals may not.
struct quoted_pair     : seq<one<'\\'>, any> {};
struct quoted_string   : seq<one<'"'>, star<sor<quoted_pair, not_one<'"', '\\'>>>, one<'"'>> {};
struct path_octet      : sor<quoted_pair, not_one<'<', '>', '"', '\\', ' ', '\t'>> {};
struct path_content    : star<sor<quoted_string, path_octet>> {};
struct path            : seq<one<'<'>, path_content, one<'>'>> {};

// RFC 5321 section 4.1.2: esmtp-param.
struct esmtp_keyword   : seq<sor<alpha, digit>, star<sor<alpha, digit, one<'-'>>>> {};
struct esmtp_value     : plus<not_one<' ', '\t', '='>> {};
struct esmtp_param     : seq<esmtp_keyword, opt<one<'='>, esmtp_value>> {};

struct from            : istring<'F', 'R', 'O', 'M', ':'> {};
struct to              : istring<'T', 'O', ':'> {};
struct params          : seq<star<plus<wsp>, esmtp_param>, star<wsp>, eof> {};
struct mail_path       : seq<from, star<wsp>, path> {};
struct rcpt_path       : seq<to, star<wsp>, path> {};

// RFC 1870 section 3: up to 20 digits.
struct size_value      : seq<rep_min_max<1, 20, digit>, eof> {};

// RFC 3461 section 4: xtext, the values of NOTIFY, ORCPT and ENVID.
struct hex_digit       : sor<digit, range<'A', 'F'>> {};
struct hexchar         : seq<one<'+'>, rep<2, hex_digit>> {};
struct xchar           : sor<range<'!', '*'>, range<',', '<'>, range<'>', '~'>> {};
struct xtext           : star<sor<hexchar, xchar>> {};
struct xtext_value     : seq<xtext, eof> {};
struct addr_type       : seq<sor<alpha, digit>, star<sor<alpha, digit, one<'-'>>>> {};
// RFC 6533 section 3: type utf-8 may hold UTF-8 and \x{...} unescaped.
struct utf8_octet      : not_range<'\0', '\x20'> {};
struct orcpt_address   : plus<sor<hexchar, xchar, seq<one<'\\'>, one<'x'>, one<'{'>, plus<xdigit>, one<'}'>>>> {};
struct orcpt_utf8      : seq<istring<'u', 't', 'f', '-', '8'>, one<';'>, plus<sor<hexchar, seq<not_at<one<'+', '='>>, utf8_octet>>>, eof> {};
struct orcpt_value     : sor<seq<addr_type, one<';'>, orcpt_address, eof>, orcpt_utf8> {};
struct notify_word     : sor<istring<'S', 'U', 'C', 'C', 'E', 'S', 'S'>, istring<'F', 'A', 'I', 'L', 'U', 'R', 'E'>, istring<'D', 'E', 'L', 'A', 'Y'>> {};
struct notify_never    : istring<'N', 'E', 'V', 'E', 'R'> {};
struct notify_value    : seq<sor<notify_never, list<notify_word, one<','>>>, eof> {};
// clang-format on

}  // namespace sluice::grammar::smtp_command
