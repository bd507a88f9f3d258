#pragma once

#include <string>
#include <string_view>

#include "config/programs.h"

// What an address on a pipe channel means. Pure.
namespace sluice::pipe {

/// What programs may be told about an address: meanings, not spellings.
struct AddressParts {
    std::string user;    ///< before the method, without the subaddress
    std::string detail;  ///< the subaddress
    std::string host;    ///< what the user belongs to
};

struct ProgramAddress {
    AddressParts parts;
    const config::DeliveryProgram* program = nullptr;  ///< null: no method of that name
    std::string method;                                ///< that was looked for
};

/// `user%method@channel-host`, as delivery options of user entries make them; else
/// `method@channel-host`, with or without a subaddress; else a method of the name of the host in
/// front of the channel's: `user@example.com.channel-host`. `channel_host`: the official host name
/// of the channel. `local_host`: the host of addresses that name no other.
ProgramAddress find_program(
    std::string_view address,
    std::string_view channel_host,
    std::string_view local_host,
    char separator,
    const config::DeliveryPrograms& programs
);

}  // namespace sluice::pipe
