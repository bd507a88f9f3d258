#pragma once

#include <tao/pegtl.hpp>

// RFC 5321 section 4.1.2: paths and mailboxes of the SMTP envelope, with the additions of
// RFC 6531 section 3.3 (UTF-8 in atoms, quoted strings and labels). Two places are wider than the
// RFC, as every mail system is: a label may hold an underscore, because routing names such as
// tcp_local-daemon do, and a local part may stand alone, because the MTA completes it.
namespace sluice::grammar::mailbox {

using namespace tao::pegtl;  // NOLINT(google-build-using-namespace): the rule names of the language

// clang-format off
struct utf8_non_ascii     : utf8::range<0x80, 0x10FFFF> {};                // RFC 6531 section 3.3

struct atext              : sor<alnum, one<'!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~'>, utf8_non_ascii> {};
struct atom               : plus<atext> {};
struct dot_string         : list<atom, one<'.'>> {};
struct qtext_smtp         : sor<ranges<32, 33, 35, 91, 93, 126>, utf8_non_ascii> {};
struct quoted_pair_smtp   : seq<one<'\\'>, range<32, 126>> {};
struct qcontent_smtp      : sor<qtext_smtp, quoted_pair_smtp> {};
struct quoted_string      : seq<one<'"'>, star<qcontent_smtp>, one<'"'>> {};
struct local_part         : sor<quoted_string, dot_string> {};

struct let_dig            : sor<alnum, one<'_'>, utf8_non_ascii> {};
struct sub_domain         : seq<let_dig, star<star<one<'-'>>, let_dig>> {};
struct domain_name        : list<sub_domain, one<'.'>> {};

struct ipv4_text          : plus<sor<digit, one<'.'>>> {};
struct ipv6_text          : plus<sor<xdigit, one<':', '.'>>> {};
struct ipv6_tag           : istring<'I', 'P', 'v', '6', ':'> {};
struct standardized_tag   : seq<alpha, star<sor<alnum, one<'-'>>>> {};
struct dcontent           : ranges<33, 90, 94, 126> {};
struct ipv4_literal       : seq<ipv4_text> {};
struct ipv6_literal       : seq<ipv6_tag, ipv6_text> {};
struct general_literal    : seq<not_at<ipv6_tag>, standardized_tag, one<':'>, plus<dcontent>> {};
struct address_literal    : seq<one<'['>, sor<ipv6_literal, general_literal, ipv4_literal>, one<']'>> {};

struct domain             : sor<address_literal, domain_name> {};
struct route_domain       : seq<domain> {};
struct at_domain          : seq<one<'@'>, route_domain> {};
struct a_d_l              : list<at_domain, one<','>> {};                  // RFC 5321 appendix C
struct at_sign            : one<'@'> {};
struct mailbox            : seq<local_part, at_sign, domain> {};
struct source_route       : seq<a_d_l, one<':'>> {};
struct routed_mailbox     : seq<source_route, mailbox> {};

struct opening            : one<'<'> {};
struct null_path          : string<'<', '>'> {};
struct full_path          : seq<opening, sor<routed_mailbox, seq<local_part, opt<at_sign, domain>>>, one<'>'>> {};
struct path               : seq<sor<null_path, full_path>, eof> {};
struct lone_mailbox       : seq<local_part, opt<at_sign, domain>, eof> {};
// clang-format on

}  // namespace sluice::grammar::mailbox
