#pragma once

#include <string>
#include <string_view>

// One address of an alias value: what is kept of it, or what is wrong with it.
namespace sluice::alias {

struct AliasAddress {
    std::string address;      ///< empty: see `problem`
    bool show_alias = false;  ///< it was written with ":" in front
    std::string problem;      ///< why it cannot be used
    std::string hint;
};

/// `item` is what stands between two commas. Display names and comments are dropped.
AliasAddress parse_alias_address(std::string_view item);

}  // namespace sluice::alias
