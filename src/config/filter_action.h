#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

/// One thing to do with a message after a filter's verdict. The family writes these as Sieve; this
/// is the part of it that needs no script engine. A plain value.
struct FilterAction {
    enum class Kind : std::uint8_t {
        obey,     ///< what the filter says ("$M")
        keep,     ///< let the message pass, whatever the filter says
        discard,  ///< also written "jettison"
        hold,
        reject,              ///< with `text`
        add_header,          ///< `text` is "Name: value"
        add_tag,             ///< `text` in front of the Subject
        add_conversion_tag,  ///< `text`
    };
    Kind kind = Kind::obey;
    /// "$M" and "$U" in it stand for the filter's own words.
    std::string text;

    friend bool operator==(const FilterAction&, const FilterAction&) = default;
};
using FilterActions = std::vector<FilterAction>;

/// The value of SPAMFILTERn_STRING_ACTION and _NULL_ACTION: "data:," and statements such as
/// `discard;`, `addheader "X-Spam: $M"; hold;`, `$M`. A leading `require` is passed over. nullopt:
/// something else is asked for. Pure.
std::optional<FilterActions> parse_filter_actions(std::string_view value);

}  // namespace sluice::config
