#pragma once

#include <tao/pegtl.hpp>

// The language of imta.cnf, line by line. Which lines are rewrite rules and which belong to channel
// blocks depends on blank lines and included files, so the reader decides; these are the lines.
// Every input is one line without its line end.
namespace sluice::grammar::imta_cnf {

using namespace tao::pegtl;  // NOLINT(google-build-using-namespace): the rule names of the language

// clang-format off
struct ink            : not_one<' ', '\t'> {};
struct rest_of_line   : star<any> {};

// A physical line is blank, a comment, an include line, or text that may go on in the next line.
struct blank_line     : seq<star<blank>, eof> {};
struct comment_line   : seq<one<'!'>, rest_of_line> {};
struct include_name   : seq<ink, star<star<blank>, ink>> {};
struct include_line   : seq<one<'<'>, star<blank>, opt<include_name>, star<blank>, eof> {};
struct continuation   : seq<one<'\\'>, eof> {};
struct continued_text : until<at<continuation>> {};
struct continued_line : seq<continued_text, continuation> {};
struct text_line      : seq<rest_of_line, eof> {};
struct physical_line  : sor<blank_line, comment_line, include_line, continued_line, text_line> {};
struct continuing_line : sor<comment_line, continued_line, text_line> {};  // after a continued line

// A rewrite rule: pattern, white space, template. Blanks inside a template are part of it.
struct pattern        : plus<ink> {};
struct template_      : seq<ink, star<star<blank>, ink>> {};
struct rule_line      : seq<star<blank>, pattern, opt<plus<blank>, template_>, star<blank>, eof> {};

// A line of a channel block: words. Double quotes keep blanks together and are dropped.
struct quoted_text    : star<not_one<'"'>> {};
struct closing_quote  : one<'"'> {};
struct missing_quote  : eof {};
struct quoted_word    : seq<one<'"'>, quoted_text, sor<closing_quote, missing_quote>> {};
struct plain_word     : plus<ink> {};
struct block_line     : seq<star<blank>, star<sor<quoted_word, plain_word>, star<blank>>, eof> {};
// clang-format on

}  // namespace sluice::grammar::imta_cnf
