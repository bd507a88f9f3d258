#pragma once

#include <optional>
#include <string_view>

namespace sluice::rewrite {

/// Where in an address its first host stands.
enum class Position { route, at, percent, bang };
std::string_view to_string(Position position);

/// The first host of an address and what remains without it. Views into the address.
///
///     @h,x  @h:x   route     x@h   at     x%h   percent     h!x   bang
struct FirstHost {
    Position position = Position::at;
    std::string_view host;
    std::string_view rest;
    char separator = '\0';  ///< ',' or ':' after a route element

    friend bool operator==(const FirstHost&, const FirstHost&) = default;
};

/// Takes the first host off an address: source route, then `@`, then the last single `%`, then the
/// first `!`; the last two in the other order with `bang_over_percent` (a channel keyword). Quoted
/// text and domain literals are never looked into. nullopt where there is no host.
/// Hosts that are empty, as in `user@` or `@:user`, are dropped on the way.
std::optional<FirstHost> find_first_host(std::string_view address, bool bang_over_percent);

}  // namespace sluice::rewrite
