#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/table_probe.h"

namespace sluice::policy {

/// A message as its source channel sees it.
struct MessageProbe {
    const channel::Channel* source = nullptr;
    std::string sender;         ///< envelope From
    std::string authenticated;  ///< address of the authenticated user; empty: nobody is
    /// As they were presented; asked for only where they are written into the header.
    std::function<std::vector<std::string>()> recipients;
};
struct PreparedHeader {
    std::optional<std::string> header;  ///< nullopt: as it came
    std::optional<std::string> sender;  ///< nullopt: as it came
};

/// What the source channel changes in every copy of a message before the destination channels have
/// their turn: `authrewrite`, `dropblank`, and what MISSING_RECIPIENT_POLICY adds where nobody is
/// named. Fails permanently where a message of that kind is not taken. Pure.
Result<PreparedHeader> prepare_header(
    const config::Configuration& configuration,
    const MessageProbe& probe,
    std::string_view header,
    mapping::Answers& answers,
    const TableNotes& notes = {}
);

}  // namespace sluice::policy
