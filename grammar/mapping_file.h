#pragma once

#include <tao/pegtl.hpp>

// Layout of a mapping file: tables of two-column entries, comments, inclusions (mappings(5)).
// What stands inside a pattern or a template is read by the mapping engine; here only the quoting
// that keeps a blank or a line end from ending a column matters. The file is read one logical line
// at a time so that a bad line costs no more than itself; every input matches `line` until its end.
namespace sluice::grammar::mapping_file {

namespace peg = tao::pegtl;

// clang-format off
struct line_end     : peg::eolf {};
struct rest         : peg::star<peg::not_at<peg::eolf>, peg::any> {};         // of a physical line

// A backslash at the end of a physical line joins the next one to it. At the end of the file there is none.
struct join_at_end  : peg::seq<peg::one<'\\'>, peg::opt<peg::eol>, peg::eof> {};
struct join         : peg::seq<peg::one<'\\'>, peg::eol> {};
struct continuation : peg::sor<join_at_end, join> {};

struct lone_special : peg::seq<peg::not_at<peg::eol>, peg::not_at<continuation>, peg::one<'\\', '\r'>> {};
struct plain        : peg::sor<peg::not_one<' ', '\t', '$', '\\', '\r', '\n'>, lone_special> {};
struct run_of_plain : peg::plus<plain> {};
struct kept_blank   : peg::blank {};                                           // inside a name
struct skip         : peg::sor<peg::blank, continuation> {};                   // between columns

// "$" and the octet behind it belong together, also across a join.
struct dollar       : peg::one<'$'> {};
struct quoted_octet : peg::seq<peg::not_at<peg::eol>, peg::any> {};
struct quoted       : peg::seq<dollar, peg::star<continuation>, peg::opt<quoted_octet>> {};

// Blanks next to a join vanish once the template has begun.
struct template_join : peg::seq<peg::star<peg::blank>, continuation, peg::star<skip>> {};

struct pattern      : peg::plus<peg::sor<continuation, quoted, run_of_plain>> {};
struct template_    : peg::plus<peg::sor<template_join, quoted, run_of_plain>> {};
struct trailing     : peg::plus<peg::sor<continuation, quoted, run_of_plain, kept_blank>> {};
struct entry        : peg::seq<peg::at<peg::blank>, peg::plus<skip>, pattern,
                               peg::opt<peg::plus<skip>, peg::opt<template_>>,
                               peg::star<skip>, peg::opt<trailing>, line_end> {};

struct comment      : peg::seq<peg::one<'!'>, rest, line_end> {};
struct blank_line   : peg::seq<peg::star<skip>, line_end> {};

struct text         : peg::star<peg::sor<continuation, quoted, run_of_plain, kept_blank>> {};
struct file_spec    : text {};
struct include_line : peg::seq<peg::one<'<'>, file_spec, line_end> {};
struct table_name   : text {};
struct name_line    : peg::seq<peg::at<peg::alpha>, table_name, line_end> {};
struct bad_line     : peg::seq<text, line_end> {};

struct line         : peg::seq<peg::not_at<peg::eof>,
                               peg::sor<comment, blank_line, include_line, entry, name_line, bad_line>> {};
// clang-format on

}  // namespace sluice::grammar::mapping_file
