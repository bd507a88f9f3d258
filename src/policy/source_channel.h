#pragma once

#include <string_view>

#include "base/ip_address.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "rewrite/trace.h"

namespace sluice::policy {

/// The source channel of an SMTP connection: the server's default channel, or, where it has the
/// keyword `switchchannel`, the channel that the client's address literal matches as an envelope
/// From, then the one that its name matches (spec page imta-cnf, section 5.6). `client_name` is the
/// name found by reverse DNS; empty: not known or not to be used.
const channel::Channel& choose_source_channel(
    const config::Configuration& configuration,
    const channel::Channel& default_channel,
    const IpAddress& client,
    std::string_view client_name,
    mapping::Answers& outside,
    rewrite::Trace* trace = nullptr
);

}  // namespace sluice::policy
