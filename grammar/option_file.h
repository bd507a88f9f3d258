#pragma once

#include <tao/pegtl.hpp>

// Option files: option.dat, imta_tailor, <channel>_option, job_controller.cnf, dispatcher.cnf.
// One "name = value" a line; the last two add "[KIND=name]" lines. A backslash at the end of a line
// carries the value on, and comment lines in between are swallowed (docs/man/option.dat.5).
// The sign that starts a comment differs between files, hence the parameter.
namespace sluice::grammar::option_file {

using namespace tao::pegtl;

// clang-format off
struct any_sign          : one<'!', '#', ';'> {};
struct exclamation_sign  : one<'!'> {};

struct blanks            : star<blank> {};
struct blank_line        : sor<seq<blanks, eol>, seq<plus<blank>, eof>> {};
template <class Sign>
struct comment_line      : seq<blanks, Sign, until<eolf>> {};

struct section_kind      : identifier {};
struct section_name      : plus<not_one<']', '\r', '\n'>> {};
struct section_end       : seq<one<']'>, blanks, eolf> {};
struct section_line      : seq<blanks, one<'['>, blanks, section_kind, blanks, one<'='>, blanks, section_name, section_end> {};

struct name_octet        : sor<alnum, one<'_', '-', '.', '$', ':'>> {};
struct name              : plus<name_octet> {};
struct equals            : seq<blanks, one<'='>, blanks> {};

struct continuation_mark : seq<one<'\\'>, eolf> {};
template <class Sign>
struct swallowed_comment : seq<Sign, until<eolf>> {};       // only where the sign is the first octet
template <class Sign>
struct continuation      : seq<continuation_mark, star<swallowed_comment<Sign>>> {};
struct value_octet       : sor<not_one<'\\', '\r', '\n'>, seq<not_at<continuation_mark>, one<'\\'>>, seq<not_at<eol>, one<'\r'>>> {};
struct value_piece       : plus<value_octet> {};
template <class Sign>
struct value             : star<sor<value_piece, continuation<Sign>>> {};
struct setting_end       : eolf {};
template <class Sign>
struct setting           : seq<blanks, name, equals, value<Sign>, setting_end> {};

struct junk_line         : seq<any, until<eolf>> {};        // reported, then the reader goes on
template <class Sign>
struct line              : sor<blank_line, comment_line<Sign>, section_line, setting<Sign>, junk_line> {};
template <class Sign>
struct file              : until<eof, line<Sign>> {};
// clang-format on

}  // namespace sluice::grammar::option_file
