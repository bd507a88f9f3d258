#pragma once

#include <string>

#include "base/result.h"
#include "containment/job.h"
#include "program_address.h"

// From a method and a message to what is run. Pure.
namespace sluice::pipe {

/// What a program is told about the message that it reads.
struct MessageFacts {
    std::string sender;              ///< empty: the null reverse path
    std::string recipient;           ///< active address
    std::string original_recipient;  ///< as the sender wrote it; may be empty
    std::string message_id;
    std::string envelope_id;
    std::string channel;
    std::uint64_t size = 0;  ///< octets of what it reads
};

/// The program's arguments with %s user, %d subaddress, %h host, %a active address, %f sender, %m
/// method, %% percent sign in them; whatever they stand for stays one argument. An Error (5.1.3)
/// where an address would become an option, or has controls in it; 5.3.5 (as a temporary Error,
/// 4.3.5) where the arguments have another %.
Result<std::vector<std::string>> expand_arguments(
    const config::DeliveryProgram& program, const AddressParts& parts, const MessageFacts& facts
);

/// The account that the program runs as; empty: the MTA's. `of_channel`: that of the channel's
/// programs that name none.
std::string account_of(
    const config::DeliveryProgram& program, const AddressParts& parts, std::string_view of_channel
);

/// What the program finds in its environment. `home`: its directory.
std::vector<std::pair<std::string, std::string>> environment_of(
    const config::DeliveryProgram& program,
    const AddressParts& parts,
    const MessageFacts& facts,
    const std::string& home
);

}  // namespace sluice::pipe
