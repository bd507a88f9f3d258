#pragma once

#include <string>
#include <string_view>

#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/decision.h"

// The pure pipeline of an address: complete it, rewrite it, expand aliases, ask the access tables,
// find the channel (spec pages imta-cnf 6, access-control, aliases). Everything the server, the
// channels and `imsimta test` decide about addresses is decided here, from the configuration
// snapshot and the outside answers of the caller.
namespace sluice::policy {

/// Facts about the connection that access tables are asked with. Empty for mail that does not come
/// by SMTP.
struct ConnectionFacts {
    std::string port_info;  ///< "TCP|server|port|client|port"
    std::string app_info;   ///< "SMTP/helo-name"
    bool esmtp = false;
    bool tls = false;
    bool authenticated = false;
    std::string client_name;  ///< for the keyword remotehost
};

/// MAIL FROM, or the sender of a message that a channel processes.
struct SenderProbe {
    const channel::Channel* source = nullptr;
    std::string address;  ///< without brackets; empty for the null reverse path
    ConnectionFacts connection;
};

struct RecipientProbe {
    const channel::Channel* source = nullptr;
    std::string sender;    ///< as decide_sender() rewrote it
    std::string address;   ///< without brackets, as presented
    std::string original;  ///< ORCPT value, or the address as presented
    unsigned notify = 0;   ///< queue::NotifyFlag bits, for the input flags of the tables
    ConnectionFacts connection;
    bool skip_access_tables = false;  ///< for notifications of our own
};

SenderDecision decide_sender(
    const config::Configuration& configuration,
    const SenderProbe& probe,
    mapping::Answers& answers,
    Trace* trace = nullptr
);

RecipientDecision decide_recipient(
    const config::Configuration& configuration,
    const RecipientProbe& probe,
    mapping::Answers& answers,
    Trace* trace = nullptr
);

}  // namespace sluice::policy
