#pragma once

#include <string>

#include "policy/outgoing_address.h"

namespace sluice::policy {

/// USE_REVERSE_DATABASE says when reversal happens; both is possible.
enum class ReversalTime { before_rewriting, after_rewriting };

/// The public form of an address: its entry in the reverse database, else what the mapping table
/// REVERSE makes of it, else the address. Left alone where the destination channel has `noreverse`,
/// and what USE_REVERSE_DATABASE and REVERSE_ENVELOPE leave out. Envelope To addresses are never
/// reversed. Fails (temporary) where database or table cannot be asked.
Result<std::string> reverse_address(
    const CopyContext& copy, AddressKind kind, ReversalTime time, std::string address
);

}  // namespace sluice::policy
