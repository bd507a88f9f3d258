#include "log/held_sink.h"

#include <gtest/gtest.h>

namespace sluice::log {
namespace {

TEST(HeldSink, OneLineForAMessageWhoeverItsRecipients) {
    std::vector<std::string> lines;
    HeldSink sink([&](std::string_view line) { lines.emplace_back(line); });
    Event event;
    event.kind = EventKind::enqueued;
    event.file_name = "l/000/ZZ84PHKX1L3Q0A0001.HELD";
    std::vector<Event> events{event, event, event};
    events[1].kind = events[2].kind = EventKind::held;
    events[1].diagnostic = events[2].diagnostic = "held: loop: 51 Received lines\r\nforged";
    sink.post(events, {});
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(
        lines[0],
        "message l/000/ZZ84PHKX1L3Q0A0001.HELD held: loop: 51 Received lines\\x0d\\x0aforged"
    );
}

// One submission, copies for two channels.
TEST(HeldSink, EachMessageOfAnOperationHasItsLine) {
    std::vector<std::string> lines;
    HeldSink sink([&](std::string_view line) { lines.emplace_back(line); });
    std::vector<Event> events(4);
    for (Event& event : events) event.kind = EventKind::held;
    events[0].kind = EventKind::enqueued;
    events[1].file_name = "l/000/ZZ1.HELD";
    events[2].file_name = events[3].file_name = "tcp_local/000/ZZ2.HELD";
    sink.post(events, {});
    EXPECT_EQ(
        lines,
        (std::vector<std::string>{"message l/000/ZZ1.HELD ", "message tcp_local/000/ZZ2.HELD "})
    );
}

TEST(HeldSink, NothingAboutWhatIsReleased) {
    HeldSink sink([](std::string_view line) { FAIL() << line; });
    Event event;
    event.kind = EventKind::held;
    event.cause = Cause::released;
    event.diagnostic = "released: operator";
    sink.post({&event, 1}, {});
}

}  // namespace
}  // namespace sluice::log
