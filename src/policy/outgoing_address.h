#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/rewriting.h"

// What the addresses of a message look like in the copy for one destination channel (spec page
// imta-cnf, sections 6.3 step 8 and 6.4). Pure.
namespace sluice::policy {

/// One message on its way to one destination channel. All members outlive it.
struct CopyContext {
    const config::Configuration& configuration;
    const channel::Channel& source;
    const channel::Channel& destination;
    Origin origin;
    mapping::Answers& answers;
    Trace* trace = nullptr;                     ///< of the addresses; not of whole headers
    std::set<std::string>* warnings = nullptr;  ///< of mapping tables, for the component log
};

/// An envelope From or header address, completed, rewritten, reversed, and in the form that the
/// destination channel asks for. An address that no rule takes is left as it is, apart from that.
/// The empty address stays empty. Fails (temporary) where the reverse database cannot be asked: the
/// form of an address that should be hidden must not depend on the state of a disk.
Result<std::string> outgoing_address(
    const CopyContext& copy, AddressKind kind, std::string_view address
);

/// An envelope To address, rewritten already, as it is written for its channel: local host alias,
/// `enqueue_removeroute`, address form. Never reversed.
std::string outgoing_recipient(
    const config::Configuration& configuration,
    const channel::Channel& destination,
    std::string_view address
);

}  // namespace sluice::policy
