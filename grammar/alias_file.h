#pragma once

#include <tao/pegtl.hpp>

// The alias file: "name: address, address" lines, "<file" includes, "!" comments; a backslash at
// the end of a line carries the value on (docs/man/aliases.5). Two languages: lines, and the list
// of addresses to the right of the colon once its lines are joined.
namespace sluice::grammar::alias_file {

using namespace tao::pegtl;

// clang-format off
struct blanks            : star<blank> {};
struct blank_line        : sor<seq<blanks, eol>, seq<plus<blank>, eof>> {};
struct comment_line      : seq<one<'!'>, until<eolf>> {};

struct file_name         : plus<not_one<'\r', '\n'>> {};
struct include_line      : seq<one<'<'>, blanks, file_name, eolf> {};

struct quoted_octet      : sor<seq<one<'\\'>, not_one<'\r', '\n'>>, not_one<'"', '\\', '\r', '\n'>> {};
struct quoted_string     : seq<one<'"'>, star<quoted_octet>, one<'"'>> {};
struct name_octet        : not_one<':', '"', ' ', '\t', '\r', '\n', '#'> {};
struct alias_name        : plus<sor<quoted_string, name_octet>> {};

struct continuation_mark : seq<one<'\\'>, eol> {};
struct continuation      : seq<continuation_mark, star<comment_line>> {};
struct dangling_mark     : seq<one<'\\'>, eof> {};            // nothing to continue on
struct value_octet       : sor<not_one<'\\', '\r', '\n'>, seq<not_at<sor<continuation_mark, dangling_mark>>, one<'\\'>>,
                               seq<not_at<eol>, one<'\r'>>> {};
struct value_piece       : plus<value_octet> {};
struct definition_end    : seq<opt<dangling_mark>, eolf> {};
struct definition        : seq<alias_name, one<':'>, star<sor<value_piece, continuation>>, definition_end> {};

struct junk_line         : seq<any, until<eolf>> {};          // reported, then the reader goes on
struct line              : sor<blank_line, comment_line, include_line, definition, junk_line> {};
struct file              : until<eof, line> {};

// The joined value. Commas inside quotes, angle brackets and comments separate nothing.
struct angle_part        : seq<one<'<'>, star<sor<quoted_string, not_one<'<', '>', '"'>>>, one<'>'>> {};
struct comment_octet     : sor<seq<one<'\\'>, any>, not_one<'(', ')', '\\'>> {};
struct comment_part      : seq<one<'('>, star<comment_octet>, one<')'>> {};
struct item              : star<sor<quoted_string, angle_part, comment_part, not_one<','>>> {};
struct address_list      : seq<list<item, one<','>>, eof> {};
// clang-format on

}  // namespace sluice::grammar::alias_file
