#include "log/sun_text.h"

#include <gtest/gtest.h>

namespace sluice::log {
namespace {

// 19-Jan-1998 19:16:57.64 UTC
const WallTime moment =
    WallTime(std::chrono::seconds(885237417)) + std::chrono::microseconds(649999);

Event example(EventKind kind) {
    Event event;
    event.kind = kind;
    event.time = moment;
    event.source_channel = "l";
    event.destination_channel = kind == EventKind::enqueued ? "tcp_local" : "";
    event.bytes = 900;
    event.sender = "adam@sesta.com";
    event.original_recipient = "marlowe@siroe.com";
    event.recipient = "marlowe@siroe.com";
    return event;
}

TEST(SunText, EnqueueStandsInTheColumnsOfTheGuide) {
    EXPECT_EQ(
        render_sun(example(EventKind::enqueued), {}, TimeZone()),
        "19-Jan-1998 19:16:57.64 l            tcp_local    E 1 adam@sesta.com "
        "rfc822;marlowe@siroe.com marlowe@siroe.com"
    );
}

TEST(SunText, DequeueLeavesTheDestinationColumnBlank) {
    Event event = example(EventKind::dequeued);
    EXPECT_EQ(
        render_sun(event, {}, TimeZone()),
        "19-Jan-1998 19:16:57.64 l                         D 1 adam@sesta.com "
        "rfc822;marlowe@siroe.com marlowe@siroe.com"
    );
    event.source_channel = "conversion";
    EXPECT_EQ(
        render_sun(event, {}, TimeZone()).substr(0, 53),
        "19-Jan-1998 19:16:57.64 conversion                D 1"
    );
}

}  // namespace
}  // namespace sluice::log
