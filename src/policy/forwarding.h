#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "mapping/answers.h"
#include "mapping/flag_set.h"
#include "policy/table_probe.h"

namespace sluice::policy {

/// A final envelope To address, as the mapping table FORWARD and the forward database are asked
/// about it (spec page mappings, section 5.3). What the views
/// show outlives the call.
struct ForwardProbe {
    std::string_view source_channel;
    std::string_view sender;
    std::string_view destination_channel;
    std::string_view address;
    std::vector<std::string> conversion_tags;
    mapping::InputFlags flags;  ///< A T E L of the session, S D F of the recipient
};

struct Forwarding {
    enum class Kind {
        none,      ///< the address stays
        replaced,  ///< `address` takes its place, on the same channel
        again,     ///< `address` goes through rewriting, aliases and all
        not_now,   ///< table or database has no answer now
    };
    Kind kind = Kind::none;
    std::string address;
    bool is_last = false;  ///< the new address is not forwarded once more
    bool hold = false;     ///< the message is held for this address
};

/// Whether there is anything to ask.
bool forwards_addresses(const config::Configuration& configuration);

/// What becomes of the address: first the table, then the database where USE_FORWARD_DATABASE has
/// it asked. One step; who goes on with the new address counts them.
Forwarding find_forwarding(
    const config::Configuration& configuration,
    const ForwardProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes = {}
);

}  // namespace sluice::policy
