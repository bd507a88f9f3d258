#include "enqueue/log_action_sink.h"

#include <gtest/gtest.h>

namespace sluice::enqueue {
namespace {

TEST(LogRecord, OfAMessage) {
    log::Event event;
    event.kind = log::EventKind::enqueued;
    event.source_channel = "tcp_local";
    event.destination_channel = "l";
    event.sender = "a@x.example";
    event.recipient = "adam";
    event.username = "mta";
    event.diagnostic = "text";
    event.modifiers.tls = true;
    log::LogOptions options;
    access::LogRecord record = log_record(event, options);
    EXPECT_EQ(record.destination_channel, "l");
    EXPECT_EQ(record.action, "ES");
    EXPECT_EQ(record.to, "adam");
    EXPECT_EQ(record.diagnostic, "") << "only where LOG_DIAGNOSTICS has bit 1";
    EXPECT_FALSE(record.reason);
    options.diagnostics = 3;
    options.reason = 2;
    event.kind = log::EventKind::returned;
    event.reason = "5.1.1 no";
    record = log_record(event, options);
    EXPECT_EQ(record.destination_channel, "");
    EXPECT_EQ(record.diagnostic, "text");
    EXPECT_EQ(record.reason, "5.1.1 no");
}

TEST(LogRecord, OfAConnection) {
    log::Event event;
    event.kind = log::EventKind::connection_closed;
    event.source_channel = "tcp_local";
    event.direction = log::Direction::outbound;
    event.sender = "not shown";
    const access::LogRecord record = log_record(event, {});
    EXPECT_EQ(record.destination_channel, "-");
    EXPECT_EQ(record.action, "C");
    EXPECT_EQ(record.from, "");
}

TEST(LogRecord, OfABadCommandHasNoRecipient) {
    log::Event event;
    event.kind = log::EventKind::bad_command;
    event.command = "AUTH PLAIN x";
    event.recipient = "";
    EXPECT_EQ(log_record(event, {}).to, "");
}

}  // namespace
}  // namespace sluice::enqueue
