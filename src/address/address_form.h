#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How an address that passes through other systems is spelled. Pure.
namespace sluice::address {

/// An address with a source route, taken apart. Views into the address.
///
///     @a,@b:user@c    route a b, rest user@c
struct RoutedAddress {
    std::vector<std::string_view> route;  ///< hosts, first hop first; empty where there is none
    std::string_view rest;
};
RoutedAddress split_route(std::string_view address);

/// The spellings that a channel can ask for.
enum class AddressForm : std::uint8_t {
    source_route,  ///< as it stands: @a:user@b
    percent,       ///< user%b@a
    bang,          ///< a!b!user
};
/// The address in that form. Without a route only `bang` changes anything. Quoted local parts stay
/// quoted, with what joins them inside the quotation marks.
std::string write_in_form(std::string_view address, AddressForm form);

/// "@a:user@b" as "user@b".
std::string_view without_route(std::string_view address);

/// The address with `name` in the place of every host, in the route and behind the "@", that is
/// `host` (compared as domains are).
std::string rename_host(std::string_view address, std::string_view host, std::string_view name);

/// Offset of the last "@" that is not quoted; npos where there is none.
std::size_t find_at(std::string_view address);

}  // namespace sluice::address
