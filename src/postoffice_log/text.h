#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/time_zone.h"
#include "log/event.h"

// Fields of a Post.Office log line (postoffice-and-qmail-features.md section 3.1). Whatever comes
// from outside is made harmless here: control characters and octets that are not UTF-8 become %XX.
// Pure.
namespace sluice::postoffice_log {

/// "19970226001320-0800"
[[nodiscard]] std::string date_time(WallTime time, const TimeZone& zone);
/// "[10.2.21.3]", "[IPv6:2001:db8::1]"
[[nodiscard]] std::string client(const IpAddress& address);
/// "[10.2.21.3]" of the event's peer; "[]" where it has none.
[[nodiscard]] std::string client(const log::Event& event);
/// "19970226081320963.AAA133@fido.software.com": the time in UTC, then what tells messages of one
/// millisecond apart. The same for all events of a message.
[[nodiscard]] std::string message_id(const log::Event& event, std::string_view host);
/// "<user@domain>"; a ">" outside a quoted string is escaped.
[[nodiscard]] std::string bracketed(std::string_view address);
/// A field of its own: ":" is escaped as well.
[[nodiscard]] std::string field(std::string_view text);
/// The last field of a line: ":" stays.
[[nodiscard]] std::string last_field(std::string_view text);
/// The account of a local delivery: what is in front of the "@". "," is escaped.
[[nodiscard]] std::string account(std::string_view address);

}  // namespace sluice::postoffice_log
