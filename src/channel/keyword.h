#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// Channels are where messages come from and go to. This room holds what the configuration says
// about them: the table of channel keywords, the channel with its effective keywords, and the
// channel table. Pure values: no files, no clock. Read-only after the configuration is loaded, so
// every thread may use them.
namespace sluice::channel {

/// Every channel keyword, in the order of keyword_table.inc. Names that C++ cannot spell:
/// `k822`, `k733`, `inline_`.
enum class Keyword : std::uint16_t {
#define SLUICE_KEYWORD(enumerator, name, form, default_, priority) enumerator,
#include "channel/keyword_table.inc"
#undef SLUICE_KEYWORD
};

/// What follows a keyword on the channel line.
enum class ArgumentForm : std::uint8_t {
    none,
    integer,   ///< one decimal number
    integers,  ///< up to five ascending positive numbers
    periods,   ///< up to eight ISO 8601 periods
    name,
    host,
    hosts,  ///< a host, and a second one if the next word has a dot
    channel,
    charset,
    language,
    pattern,
    string,
    value,
    list,  ///< separated by commas
    address,
    url,
    time,  ///< "+n" seconds, or a time of day
    ip,
    ips,
};

/// How much the product promises: p1 needed, p2 common, p3 accepted.
enum class KeywordPriority : std::uint8_t { p1, p2, p3 };

struct KeywordInfo {
    std::string_view name;
    ArgumentForm form = ArgumentForm::none;
    /// "default" where the keyword holds unless another of its set is given; else prose.
    std::string_view default_text;
    KeywordPriority priority = KeywordPriority::p3;

    [[nodiscard]] bool is_default() const { return default_text == "default"; }
};

// NOLINTBEGIN(bugprone-macro-parentheses): a sum of ones
inline constexpr std::size_t keyword_count = 0
#define SLUICE_KEYWORD(enumerator, name, form, default_, priority) +1
#include "channel/keyword_table.inc"
#undef SLUICE_KEYWORD
    ;
// NOLINTEND(bugprone-macro-parentheses)

/// Words are significant in their first 32 characters.
inline constexpr std::size_t significant_length = 32;

const KeywordInfo& info(Keyword keyword);
inline std::string_view name_of(Keyword keyword) {
    return info(keyword).name;
}
constexpr std::size_t index_of(Keyword keyword) {
    return static_cast<std::size_t>(keyword);
}

/// Ignores case and everything after the first 32 characters; nullopt where the word is no keyword.
std::optional<Keyword> find_keyword(std::string_view word);

/// The keyword that a misspelt word most resembles: at most two typing slips away (one for words
/// of up to four characters); nullopt where none is near enough.
std::optional<Keyword> nearest_keyword(std::string_view word);

}  // namespace sluice::channel
