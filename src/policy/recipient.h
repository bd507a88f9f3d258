#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "channel/channel.h"
#include "channel/onward.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/decision.h"

// The pure pipeline of an address: complete it, rewrite it, expand aliases, ask the access tables,
// find the channel (spec pages imta-cnf 6, access-control, aliases). Everything the server, the
// channels and `imsimta test` decide about addresses is decided here, from the configuration
// snapshot and the outside answers of the caller.
namespace sluice::policy {

/// MAIL FROM, or the sender of a message that a channel processes.
struct SenderProbe {
    const channel::Channel* source = nullptr;
    std::string address;      ///< without brackets; empty for the null reverse path
    std::string client_name;  ///< name of the remote host, for the keyword remotehost
    access::Session session;
    std::string authenticated_from;  ///< address of the authenticated user
};

struct RecipientProbe {
    const channel::Channel* source = nullptr;
    /// The source channel as access tables see it; empty: the name of `source`. They differ where a
    /// channel handles a message as if it still came from its first source.
    std::string access_source;
    std::string sender;   ///< as decide_sender() rewrote it
    std::string address;  ///< without brackets, as presented
    std::string orcpt;    ///< "rfc822;user@domain", empty when none was given
    std::string client_name;
    access::Session session;
    std::string authenticated_from;
    std::uint64_t recipient_count = 0;         ///< RCPT TO commands so far, with this one
    std::uint64_t total_recipient_count = 0;   ///< recipients that the earlier ones led to
    std::vector<std::string> conversion_tags;  ///< that the message has already
    bool notify_success = false;
    bool notify_delay = false;
    bool notify_failure = false;
    bool skip_access_tables = false;  ///< for notifications of our own
    bool defers_expansion = true;     ///< false: the keyword expandlimit does not count
    bool reprocessing = false;        ///< run again in the name of `source`: $1M holds
    /// Set for mail that a conversion channel passes on: the destination that was decided when it
    /// came in. Access tables and CONVERSIONS are asked; rules, aliases and lists are not, unless
    /// the channel is gone.
    std::optional<channel::Onward> onward;
    /// VRFY, EXPN: nothing will be sent, so lists are neither guarded nor counted.
    bool only_looking = false;
    std::optional<std::uint64_t> message_size;  ///< octets, declared or known
};

/// The options that access tables look at.
access::Options access_options(const config::Configuration& configuration);

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
