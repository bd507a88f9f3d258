#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/channel_table.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/table_probe.h"

namespace sluice::policy {

/// Channels of this family convert mail; CONVERSIONS may name no others.
inline constexpr std::string_view conversion_channel = "conversion";

/// A final destination, as the mapping table CONVERSIONS is asked about it (spec page conversions,
/// section 1). What the views show outlives the call.
struct ConversionProbe {
    std::string_view source_channel;
    std::string_view destination_channel;
    std::vector<std::string> tags;  ///< conversion tags in force for the recipient
};

struct ConversionChoice {
    enum class Kind {
        none,      ///< straight to the destination
        first,     ///< to `channel` first
        not_now,   ///< the table has no answer now
        unusable,  ///< it names a channel that cannot be used; `text` says why
    };
    Kind kind = Kind::none;
    std::string channel;
    std::vector<std::string> tags;  ///< Tag=: further tags, whatever the answer
    std::string text;               ///< for the trace
};

/// What a template of the table said: "Yes,Channel=conversion_fax,Tag=vip". Pure.
struct ConversionKeywords {
    bool yes = false;
    std::string channel = std::string(conversion_channel);
    std::vector<std::string> tags;
};
ConversionKeywords parse_conversion_keywords(std::string_view output);

/// Asks the table. Mail from a conversion channel is never sent to that same channel again.
/// `notes` get what the table did.
ConversionChoice find_conversion(
    const config::Configuration& configuration,
    const ConversionProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes = {}
);

}  // namespace sluice::policy
