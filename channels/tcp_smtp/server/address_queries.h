#pragma once

#include <string_view>

#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "smtp/reply.h"

namespace sluice::smtp_server {

/// The address in an argument of VRFY or EXPN: "<a@b>", "Name <a@b>" or bare.
std::string_view address_in(std::string_view argument);

/// VRFY (RFC 5321 section 3.5; spec page smtp-channel, section 4.5). Only addresses of this system
/// are looked at; a vague answer says no more than whose they are. Pure.
smtp::Reply verify_reply(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view argument,
    bool vague,
    mapping::Answers& answers
);

/// EXPN: the addresses that a local address stands for. Pure.
smtp::Reply expand_reply(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view argument,
    mapping::Answers& answers
);

/// XADR: where mail for the address would go, a line for each channel, host and address. Pure.
smtp::Reply route_reply(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view argument,
    mapping::Answers& answers
);

/// XGEN: whether the published configuration is in use, and which.
smtp::Reply configuration_reply(const config::Configuration& configuration);

}  // namespace sluice::smtp_server
