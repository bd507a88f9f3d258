#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "message/mime_structure.h"
#include "message/word_charset.h"

// What entries of the mapping table CHARSET-CONVERSION say (spec page conversions, section 3).
// Pure.
namespace sluice::conversion {

/// Whether parts that are encoded change to the other encoding.
enum class EncodingWish : std::uint8_t { none, base64, quoted_printable };

/// Output of the first probe: "Yes,Level,BASE64".
struct ReformatKeywords {
    enum class When : std::uint8_t {
        never,
        unless_converted,  ///< Yes: not where a conversion channel comes first
        always,            ///< Always: there too
    };
    When when = When::never;
    EncodingWish encoding = EncodingWish::none;
    message::EmbeddedMessages embedded = message::EmbeddedMessages::keep;
    bool fewer_levels = false;             ///< Level
    bool relabels = false;                 ///< Relabel
    std::vector<std::string> not_offered;  ///< words that do nothing here, as spelled

    friend bool operator==(const ReformatKeywords&, const ReformatKeywords&) = default;
};
/// Of keywords that exclude each other the last counts.
ReformatKeywords parse_reformat_keywords(std::string_view output);
/// Words that parse_reformat_keywords() knows and that do something.
const std::vector<std::string_view>& reformat_keyword_names();

/// Output of the second probe: "IN-CHARSET=iso-8859-15,OUT-CHARSET=utf-8".
message::CharsetChange parse_charset_change(std::string_view output);

}  // namespace sluice::conversion
