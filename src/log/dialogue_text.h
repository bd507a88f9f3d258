#pragma once

#include <string>
#include <string_view>

#include "base/ip_address.h"

// Protocol dialogues in component logs. Pure.
namespace sluice::log {

/// A line of a dialogue without its line end, as a debug log shows it: of AUTH only the mechanism
/// (the rest may be a password), and at most 1024 octets. Control octets are the log's business.
[[nodiscard]] std::string dialogue_line(std::string_view line);

/// Whether DEBUG_PEER names the address: addresses between commas or blanks, each with or without
/// "/bits". What is no address matches nobody.
[[nodiscard]] bool is_debug_peer(std::string_view option, const IpAddress& peer);

}  // namespace sluice::log
