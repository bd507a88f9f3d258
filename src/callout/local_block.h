#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "callout/registry.h"
#include "meter/backend.h"

// The site's own list of hosts that it takes no mail from, as users of qmail feed rblsmtpd with
// one: by hand, and by mail to addresses that nobody but a collector of addresses can know.
namespace sluice::callout {

/// Where the list is kept: host, the reason as its value, `due` the end.
meter::TableSettings local_block_table();

/// Puts a host on the list or gives its entry a new reason and end. Reasons are cut, and have no
/// controls.
Result<void> block_host(
    meter::Backend& backend,
    const IpAddress& host,
    std::string_view reason,
    std::chrono::seconds duration
);
/// False: it was not there.
Result<bool> unblock_host(meter::Backend& backend, const IpAddress& host);
/// Why the host is on the list at this time; nullopt: it is not.
Result<std::optional<std::string>> block_reason(
    meter::Backend& backend, const IpAddress& host, WallTime now
);

/// The image and routine with which the SMTP server tells of mail to a honeypot.
inline constexpr std::string_view block_image = "abuse";
inline constexpr std::string_view honeypot_routine = "honeypot";

/// Adds routines of the image `abuse`:
///
///     local_block  ip[,code]: on the list? The result is the reply, literal, with the reason. The
///                  code is 553 5.7.1 unless given
///     honeypot     ip,address: puts the host on the list for so long, "Sent mail to honeypot
///                  ADDRESS on DATE"; succeeds where that was done
void add_block_routines(
    Registry& registry,
    std::chrono::seconds honeypot_duration,
    const Clock& clock,
    std::function<meter::Backend&()> backend
);

}  // namespace sluice::callout
