#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/packet.h"
#include "milter/verdict.h"

// From packets of a filter to what they mean. nullopt: the packet is malformed. Pure.
namespace sluice::milter {

/// What the filter chose of what it was offered.
struct Agreement {
    std::uint32_t version = 0;
    std::uint32_t actions = 0;
    std::uint32_t steps = 0;
    /// Stage numbers as the filter gave them, with the names it wants there.
    std::vector<std::pair<std::uint32_t, std::string_view>> macros;
};
std::optional<Agreement> parse_agreement(std::string_view data);

/// Packets h, i, m, +, 2, -, e and q.
std::optional<Change> parse_change(const Packet& packet);
/// Whether the code is one of those.
[[nodiscard]] bool is_change(char code);

/// Packet y: "550 5.7.1 text", lines of several between CR LF. Only 4yz and 5yz; a status of
/// another class than the code's does not count, "%%" stands for "%".
std::optional<ReplyText> parse_reply_text(std::string_view data);

}  // namespace sluice::milter
