#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/outgoing_address.h"

// The header of a message as the copy for one destination channel has it: addresses rewritten,
// reversed and in the channel's form, names and comments treated, dates and lines laid out as the
// keywords ask. Everything nobody asked to change keeps its octets: folding, order, odd blanks,
// 8-bit text, fields that cannot be parsed. Pure.
namespace sluice::policy {

/// Addresses of one header that are rewritten; fields behind the one that exceeds this stay as they
/// are. A header of two megabytes has room for far more, and each can cost a hundred rules.
inline constexpr std::size_t max_header_addresses = 10000;

/// `header` is a block of fields with their line ends, up to and including the blank line, or
/// without one. nullopt: it is to stay as it is. Fails (temporary) where a database or table that
/// decides about an address cannot be asked.
Result<std::optional<std::string>> rewrite_header(const CopyContext& copy, std::string_view header);

}  // namespace sluice::policy
