#include "channels/tcp_smtp/server/channel_status.h"

#include <gtest/gtest.h>

#include "support/scratch_directory.h"

namespace sluice::smtp_server {
namespace {

using counters::Group;
using counters::Measure;

std::string wire(const smtp::Reply& reply) {
    std::string out;
    reply.append_to(out);
    return out;
}

TEST(ChannelStatus, HasALineForEachGroup) {
    counters::ChannelCounts counts;
    counts.channel = "tcp_local";
    counts.cells[counters::cell(Group::received, Measure::messages)] = 3;
    counts.cells[counters::cell(Group::received, Measure::recipients)] = 4;
    counts.cells[counters::cell(Group::received, Measure::octets)] = 5000;
    counts.cells[counters::cell(Group::stored, Measure::messages)] = -2;
    counts.current_in = 7;
    EXPECT_EQ(
        wire(status_reply(counts)),
        "250-2.5.0 channel tcp_local\r\n"
        "250-2.5.0 received: 3 messages, 4 recipients, 5000 octets\r\n"
        "250-2.5.0 submitted: 0 messages, 0 recipients, 0 octets\r\n"
        "250-2.5.0 delivered at once: 0 messages, 0 recipients, 0 octets\r\n"
        "250-2.5.0 delivered later: 0 messages, 0 recipients, 0 octets\r\n"
        "250-2.5.0 stored: 0 messages, 0 recipients, 0 octets\r\n"
        "250-2.5.0 attempted: 0 messages, 0 recipients, 0 octets\r\n"
        "250-2.5.0 rejected: 0 messages, 0 recipients, 0 octets\r\n"
        "250-2.5.0 failed: 0 messages, 0 recipients, 0 octets\r\n"
        "250 2.5.0 connections: 7 in, 0 out\r\n"
    );
}

TEST(ChannelStatus, ReadsTheCountersOfTheInstance) {
    const test::ScratchDirectory directory;
    const std::string path = directory.path("counters");
    EXPECT_EQ(status_reply("l", path).code, 450) << "nothing was counted yet";
    auto segment = counters::Segment::open(path);
    ASSERT_TRUE(segment);
    const auto place = (*segment)->place_of("l");
    ASSERT_TRUE(place);
    (*segment)->add(*place, counters::cell(Group::rejected, Measure::messages), 9);
    EXPECT_NE(wire(status_reply("l", path)).find("rejected: 9 messages"), std::string::npos);
    EXPECT_NE(
        wire(status_reply("tcp_local", path)).find("received: 0 messages"), std::string::npos
    );
}

}  // namespace
}  // namespace sluice::smtp_server
