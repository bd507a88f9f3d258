#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// Header option files (manual page header_options(5)): which header lines a message keeps, how
// many, how long, under what name and in what order. Lines that nothing is said about keep every
// octet.
namespace sluice::message {

/// What is asked for the lines of one name. An unset limit is none.
struct LineOptions {
    std::optional<std::string> add = {};   ///< one more line with this text, behind those there are
    std::optional<std::string> fill = {};  ///< the same where there is none
    bool group = false;                    ///< one line at a time where several share a precedence
    std::optional<std::size_t> line_length = {};  ///< columns; the line is folded anew
    std::optional<std::size_t> max_chars = {};    ///< octets of one line's text; the rest goes
    std::optional<std::size_t> maximum = {};      ///< lines of this name; those behind go
    std::optional<std::size_t> max_lines = {};    ///< physical lines of all of them together
    int precedence = 0;                           ///< smaller ones come first
    std::string relabel = {};                     ///< the name the lines get; empty: their own

    friend bool operator==(const LineOptions&, const LineOptions&) = default;
};

/// One header option file. A plain value.
struct HeaderOptions {
    std::map<std::string, LineOptions, LessIgnoringCase> lines;
    std::optional<LineOptions> defaults;  ///< for names that are not in `lines`
    std::optional<LineOptions> other;     ///< the same, for names that no standard knows

    [[nodiscard]] bool empty() const { return lines.empty() && !defaults && !other; }
    friend bool operator==(const HeaderOptions&, const HeaderOptions&) = default;
};

/// Names of the standards that the family's software knows by heart; all others are "other".
[[nodiscard]] bool is_known_header(std::string_view name);

/// A field that stays. Its name and what is `given` are views of the header or the options.
struct TrimmedField {
    std::string_view name;
    std::string_view given;
    std::string made = {};  ///< instead of what was given; empty: as given
    const LineOptions* options = nullptr;

    /// The whole field; the line end may be missing.
    [[nodiscard]] std::string_view raw() const { return made.empty() ? given : made; }
};
struct TrimmedHeader {
    std::vector<TrimmedField> fields;
    std::string_view rest;  ///< what is no field: the blank line
};

/// What trim_header() leaves, field by field; `header` and `options` must outlive it.
[[nodiscard]] TrimmedHeader trimmed_fields(
    std::string_view header, const HeaderOptions& options, bool keep_order = false
);

/// `header` is a block of fields with their line ends, up to and including the blank line, or
/// without one. With `keep_order` (headerkeeporder) precedence and grouping do nothing. New and
/// shortened lines end with CRLF; nullopt: nothing changes. Pure.
[[nodiscard]] std::optional<std::string> trim_header(
    std::string_view header, const HeaderOptions& options, bool keep_order = false
);

}  // namespace sluice::message
