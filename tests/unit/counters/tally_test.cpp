#include "counters/tally.h"

#include <gtest/gtest.h>

#include <map>

namespace sluice::counters {
namespace {

using log::Event;
using log::EventKind;

constexpr std::uint64_t block = 1024;

Event about(EventKind kind, const std::string& file, unsigned attempt = 0) {
    Event event;
    event.kind = kind;
    event.source_channel = "tcp_local";
    event.file_name = file;
    event.bytes = 1500;
    event.attempt = attempt;
    return event;
}

Event enqueued(const std::string& file) {
    Event event = about(EventKind::enqueued, file);
    event.source_channel = "tcp_intranet";
    event.destination_channel = "tcp_local";
    return event;
}

/// Sums over several operations.
class Sums {
public:
    void add(const std::vector<Event>& events) {
        for (const Change& change : tally(events, block))
            sums_[{std::string(change.channel), change.cell}] += change.amount;
    }
    /// "messages/recipients/blocks".
    std::string group(const std::string& channel, Group group) {
        std::string text;
        for (const Measure measure : {Measure::messages, Measure::recipients, Measure::blocks}) {
            text += (text.empty() ? "" : "/") + std::to_string(at(channel, cell(group, measure)));
        }
        return text;
    }
    std::int64_t at(const std::string& channel, Cell where) { return sums_[{channel, where}]; }

private:
    std::map<std::pair<std::string, Cell>, std::int64_t> sums_;
};

std::vector<Event> thrice(const Event& event) {
    return {event, event, event};
}

std::string file(int number) {
    return "/queue/tcp_local/000/ZZ" + std::to_string(number) + ".00";
}

// The arithmetic of the specification: ten messages of 1500 octets for three recipients each.
TEST(Tally, CountsAsTheSpecificationDoes) {
    Sums sums;
    for (int i = 0; i < 10; ++i) sums.add(thrice(enqueued(file(i))));
    EXPECT_EQ(sums.group("tcp_local", Group::received), "10/30/20");
    EXPECT_EQ(sums.group("tcp_intranet", Group::submitted), "10/30/20");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "10/30/20");

    for (int i = 0; i < 6; ++i) sums.add(thrice(about(EventKind::dequeued, file(i))));
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_first), "6/18/12");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "4/12/8");

    for (int i = 6; i < 8; ++i) sums.add(thrice(about(EventKind::deferred, file(i))));
    EXPECT_EQ(sums.group("tcp_local", Group::attempted), "2/6/4");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "4/12/8");

    sums.add(thrice(about(EventKind::returned, file(6), 1)));
    EXPECT_EQ(sums.group("tcp_local", Group::failed), "1/3/2");
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_first), "6/18/12");
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_later), "1/3/2");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "3/9/6");
}

// Two are served and one waits in a new file.
TEST(Tally, APartlyServedMessageIsStoredOnce) {
    Sums sums;
    sums.add(thrice(enqueued(file(1))));
    auto attempt = thrice(about(EventKind::dequeued, file(1)));
    attempt[2].kind = EventKind::requeued;
    sums.add(attempt);
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_first), "1/2/2");
    EXPECT_EQ(sums.group("tcp_local", Group::attempted), "1/1/2");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "0/0/0");
    Event again = enqueued(file(2));
    again.source_channel = "tcp_local";
    sums.add({again});
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "1/1/2");
    sums.add({about(EventKind::dequeued, file(2), 1)});
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_later), "1/1/2");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "0/0/0");
}

// A file that keeps some of its recipients has not left.
TEST(Tally, AMessageIsDeliveredWhenItsFileGoes) {
    Sums sums;
    auto attempt = thrice(about(EventKind::dequeued, file(1)));
    attempt[2].kind = EventKind::deferred;
    sums.add(attempt);
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_first), "0/2/0");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "0/-2/0");
}

TEST(Tally, CopiesOfOneMessageAreMessagesOfTheirChannels) {
    Sums sums;
    Event other = enqueued("/queue/l/000/ZZ7.00");
    other.destination_channel = "l";
    sums.add({enqueued(file(1)), enqueued(file(1)), other});
    EXPECT_EQ(sums.group("tcp_local", Group::received), "1/2/2");
    EXPECT_EQ(sums.group("l", Group::received), "1/1/2");
    EXPECT_EQ(sums.group("tcp_intranet", Group::submitted), "2/3/4");
}

TEST(Tally, WarningsDoNotSplitAMessage) {
    Sums sums;
    const Event warned = about(EventKind::warned, file(1), 3);
    const Event deferred = about(EventKind::deferred, file(1), 3);
    sums.add({warned, deferred, warned, deferred});
    EXPECT_EQ(sums.group("tcp_local", Group::attempted), "1/2/2");
    Sums enqueue;
    enqueue.add({enqueued(file(1)), about(EventKind::warned, file(1))});
    EXPECT_EQ(enqueue.group("tcp_local", Group::received), "1/1/2");
}

TEST(Tally, GivenUpWithoutANoticeIsNotAFailure) {
    Sums sums;
    sums.add({about(EventKind::discarded, file(1))});
    EXPECT_EQ(sums.group("tcp_local", Group::delivered_later), "1/1/2");
    EXPECT_EQ(sums.group("tcp_local", Group::failed), "0/0/0");
}

TEST(Tally, ARefusalOfManyRecipientsIsOneMessage) {
    Sums sums;
    Event refused;
    refused.kind = EventKind::enqueue_refused;
    refused.source_channel = "tcp_local";
    sums.add(std::vector<Event>(10, refused));
    EXPECT_EQ(sums.group("tcp_local", Group::rejected), "1/10/0");
}

TEST(Tally, WhatIsThrownAwayAtOnceIsNotStored) {
    Sums sums;
    sums.add({enqueued("")});
    EXPECT_EQ(sums.group("tcp_local", Group::received), "1/1/2");
    EXPECT_EQ(sums.group("tcp_local", Group::stored), "0/0/0");
}

TEST(Tally, TimesInTheQueueFillAHistogram) {
    EXPECT_EQ(bucket_of(std::chrono::seconds(0)), 0U);
    EXPECT_EQ(bucket_of(std::chrono::seconds(1)), 1U);
    EXPECT_EQ(bucket_of(std::chrono::seconds(2)), 2U);
    EXPECT_EQ(bucket_of(std::chrono::seconds(432000)), queue_time_bounds.size() - 1);
    EXPECT_EQ(bucket_of(std::chrono::seconds(432001)), queue_time_bounds.size());
    EXPECT_EQ(bucket_of(std::chrono::seconds(-5)), 0U);
    Sums sums;
    Event event = about(EventKind::dequeued, file(1));
    event.queue_time = std::chrono::seconds(7);
    sums.add({event, event});
    EXPECT_EQ(sums.at("tcp_local", bucket_cell(Attempt::first, 3)), 1);
    EXPECT_EQ(sums.at("tcp_local", seconds_cell(Attempt::first)), 7);
}

TEST(Tally, AClockThatWasSetBackMakesNoSumSmaller) {
    log::Event event;
    event.kind = log::EventKind::dequeued;
    event.source_channel = "l";
    event.queue_time = std::chrono::seconds(-7);
    for (const Change& change : tally(std::span(&event, 1), 1024)) {
        EXPECT_NE(change.cell, seconds_cell(Attempt::first));
        EXPECT_NE(change.cell, seconds_cell(Attempt::later));
    }
}

TEST(Tally, ConnectionsAreCountedByDirectionAndFate) {
    Sums sums;
    Event event;
    event.source_channel = "tcp_local";
    for (const auto direction : {log::Direction::inbound, log::Direction::outbound}) {
        event.direction = direction;
        for (const auto kind :
             {EventKind::connection_opened, EventKind::connection_refused,
              EventKind::connection_closed}) {
            event.kind = kind;
            sums.add({event});
        }
    }
    event.kind = EventKind::connection_failed;
    sums.add({event});
    for (const auto association :
         {Association::total_in, Association::total_out, Association::rejected_in,
          Association::rejected_out, Association::failed_out}) {
        EXPECT_EQ(sums.at("tcp_local", association_cell(association)), 1);
    }
}

TEST(Tally, OnlyLoopsAreLoops) {
    Sums sums;
    Event held = about(EventKind::held, file(1));
    held.diagnostic = "held: operator adam";
    sums.add({held});
    EXPECT_EQ(sums.at("tcp_local", loops_cell), 0);
    held.diagnostic = "held: loop: 51 Received lines";
    sums.add({held});
    EXPECT_EQ(sums.at("tcp_local", loops_cell), 1);
}

}  // namespace
}  // namespace sluice::counters
