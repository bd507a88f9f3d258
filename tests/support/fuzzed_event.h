#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "log/event.h"

namespace sluice::test {

/// An event out of arbitrary octets: the first four choose what it is, then come texts, each ended
/// by NUL.
inline log::Event event_from(std::string_view input) {
    const auto byte = [&](std::size_t i) {
        return i < input.size() ? static_cast<unsigned char>(input[i]) : 0U;
    };
    log::Event event;
    constexpr unsigned kinds = static_cast<unsigned>(log::EventKind::deliveries_stopped) + 1;
    event.kind = static_cast<log::EventKind>(byte(0) % kinds);
    event.cause =
        static_cast<log::Cause>(byte(1) % (static_cast<unsigned>(log::Cause::relay_denied) + 1));
    event.delivery_class = static_cast<log::DeliveryClass>(byte(2) % 4);
    event.hostile = (byte(3) & 1U) != 0;
    event.goes_on = (byte(3) & 2U) != 0;
    event.modifiers.authenticated = (byte(3) & 4U) != 0;
    event.delivery_number = byte(3) >> 4U;
    if ((byte(3) & 8U) != 0) {
        event.transport = log::Transport{
            {*IpAddress::parse("192.0.2.1"), 25}, {*IpAddress::parse("2001:db8::7"), 40000}};
        event.origin.address = IpAddress::parse("192.0.2.7");
    }
    if ((byte(2) & 8U) != 0)
        event.status = StatusCode{5, static_cast<std::uint16_t>(byte(1) % 8), 1};
    event.time = event.enqueued = WallTime(std::chrono::seconds(1'700'000'000));
    input.remove_prefix(std::min<std::size_t>(4, input.size()));
    for (std::string* text :
         {&event.sender, &event.recipient, &event.remote_host, &event.remote_text,
          &event.diagnostic, &event.command, &event.username, &event.source.reverse_name,
          &event.origin.name, &event.origin_channel, &event.source_channel, &event.urgency,
          &event.envelope_id, &event.file_name}) {
        const std::size_t end = std::min(input.find('\0'), input.size());
        *text = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    return event;
}

}  // namespace sluice::test
