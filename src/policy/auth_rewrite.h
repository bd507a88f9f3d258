#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "message/header_edit.h"
#include "policy/table_probe.h"

namespace sluice::policy {

/// What AUTH_REWRITE is asked about a message.
struct AuthProbe {
    std::string_view sender;         ///< envelope From
    std::string_view authenticated;  ///< address of the authenticated user; empty: nobody is
    std::string_view header;         ///< block of fields
};
struct AuthDecision {
    std::optional<std::string> envelope_from;
    message::HeaderEdits edits;
};

/// What the keyword `authrewrite` of the source channel does to a message: the authenticated
/// address as Sender or From, or what the mapping table AUTH_REWRITE says about envelope and
/// header. Fails permanently (5.7.1) where the table rejects the message, temporarily where it
/// cannot be asked. Without the keyword nothing.
Result<AuthDecision> rewrite_for_authentication(
    const config::Configuration& configuration,
    const channel::Channel& source,
    const AuthProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes = {}
);

}  // namespace sluice::policy
