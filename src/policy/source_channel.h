#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/decision.h"

namespace sluice::policy {

/// The source channel of an SMTP connection: the server's default channel, or, where it has the
/// keyword `switchchannel`, the channel that the client's address literal matches as an envelope
/// From; where that is no channel or the default one, the channel that its name matches (spec page
/// imta-cnf, section 5.6). `client_name` is the name found by reverse DNS; empty: not known or not
/// to be used. `warnings` get what the tables say that rules asked.
const channel::Channel& choose_source_channel(
    const config::Configuration& configuration,
    const channel::Channel& default_channel,
    const IpAddress& client,
    std::string_view client_name,
    mapping::Answers& outside,
    Trace* trace = nullptr,
    std::set<std::string>* warnings = nullptr
);

/// What happened in a session that can change its source channel.
enum class SwitchReason { tls, authentication };
/// The channel that `tlsswitchchannel` or `saslswitchchannel` of the source channel names, if it
/// lets others switch to it; else the source channel as it is.
const channel::Channel& switched_source_channel(
    const config::Configuration& configuration,
    const channel::Channel& source,
    SwitchReason reason,
    Trace* trace = nullptr
);

}  // namespace sluice::policy
