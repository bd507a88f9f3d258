#pragma once

#include <optional>
#include <string>
#include <string_view>

// Local parts as alias keys: quoting that is not needed is gone, details are split off.
namespace sluice::alias {

/// A local part cut at the subaddress character. Both in the form in which they may stand in an
/// address: quoted only where the content needs it.
struct SplitLocalPart {
    std::string user;
    std::optional<std::string> detail;  ///< without the separator; may be empty ("user+")
};

/// Cuts at the first separator that has something in front of it, inside quotes too.
SplitLocalPart split_local_part(std::string_view local_part, char separator);

/// The local part without quotes that it does not need: `"amy"` is `amy`, `"amy smith"` stays.
std::string normal_local_part(std::string_view local_part);

/// The whole key: normal local part, and "@domain" as it is where there is one.
std::string normal_key(std::string_view name);

/// Adds `separator` and `detail` to the local part of an address that has no detail of its own.
std::string with_detail(std::string_view address, std::string_view detail, char separator);

/// Position of the "@" between local part and domain (the last one outside quotes); npos if none.
std::size_t find_at_sign(std::string_view address);

}  // namespace sluice::alias
