#include "dispatcher/service_book.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Endpoint client{*IpAddress::parse("192.0.2.1"), 4711};
const Endpoint server{*IpAddress::parse("2001:db8::1"), 25};

class ServiceBookTest : public testing::Test {
protected:
    void begin(std::uint64_t id, WorkerId worker) { book_.began(id, client, server, worker, now_); }
    net::Statistics report() {
        net::Statistics statistics;
        const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now_ - start_);
        const WallTime wall(std::chrono::hours(480000) + passed);
        book_.report("SMTP", "127.0.0.1:25", states_, {wall, now_}, statistics);
        return statistics;
    }
    net::ServiceFigures figures() { return report().services.at(0); }

    const MonoTime start_ = MonoTime(seconds(1000));
    MonoTime now_ = start_;
    std::map<WorkerId, std::string> states_{{1, "ready"}};
    ServiceBook book_{seconds(60)};
};

TEST_F(ServiceBookTest, CountsConnectionsOfServiceAndWorker) {
    book_.worker_started(1, 77, now_);
    begin(1, 1);
    begin(2, 1);
    book_.ended(1, now_ + seconds(4));
    now_ += seconds(4);
    begin(3, 1);
    book_.rejected();
    const net::Statistics statistics = report();
    const net::ServiceFigures& service = statistics.services.at(0);
    EXPECT_EQ(service.current, 2U);
    EXPECT_EQ(service.peak, 2U);
    EXPECT_EQ(service.total, 3U);
    EXPECT_EQ(service.rejected, 1U);
    EXPECT_EQ(service.ready, 1U);
    EXPECT_EQ(service.duration.most, 4);
    ASSERT_EQ(statistics.workers.size(), 1U);
    EXPECT_EQ(statistics.workers[0].pid, 77U);
    EXPECT_EQ(statistics.workers[0].current, 2U);
    EXPECT_EQ(statistics.workers[0].total, 3U);
    ASSERT_EQ(statistics.connections.size(), 3U);
    EXPECT_EQ(statistics.connections[0].outcome, "closed");
    EXPECT_EQ(statistics.connections[0].source, "192.0.2.1:4711");
    EXPECT_EQ(statistics.connections[0].destination, "[2001:db8::1]:25");
    EXPECT_EQ(*statistics.connections[0].ended - statistics.connections[0].started, seconds(4));
    EXPECT_EQ(statistics.connections[1].outcome, "open");
}

TEST_F(ServiceBookTest, WhatIsOverIsForgottenAfterHistoricalTime) {
    book_.worker_started(1, 77, now_);
    begin(1, 1);
    book_.ended(1, now_);
    book_.worker_ended(1, {}, now_);
    now_ += seconds(59);
    EXPECT_EQ(report().connections.size(), 1U);
    EXPECT_EQ(report().workers.size(), 1U);
    EXPECT_EQ(report().workers[0].state, "ended");
    now_ += seconds(1);
    EXPECT_TRUE(report().connections.empty());
    EXPECT_TRUE(report().workers.empty());
    EXPECT_EQ(figures().total, 1U);
}

TEST_F(ServiceBookTest, WithoutHistoricalTimeNothingThatIsOverIsKept) {
    book_.set_historical_time(seconds(0));
    book_.worker_started(1, 77, now_);
    begin(1, 1);
    book_.ended(1, now_);
    EXPECT_TRUE(report().connections.empty());
    EXPECT_EQ(figures().total, 1U);
}

TEST_F(ServiceBookTest, RemembersSoManyAndNoMore) {
    book_.worker_started(1, 77, now_);
    for (std::uint64_t id = 1; id <= ServiceBook::most_remembered + 5; ++id) {
        begin(id, 1);
        book_.ended(id, now_);
    }
    const auto connections = report().connections;
    EXPECT_EQ(connections.size(), ServiceBook::most_remembered);
    EXPECT_EQ(connections.front().id, 6U);
}

TEST_F(ServiceBookTest, ConnectionsDieWithTheirWorkerButForThoseThatMove) {
    book_.worker_started(1, 77, now_);
    book_.worker_started(2, 78, now_);
    begin(1, 1);
    begin(2, 1);
    book_.worker_ended(1, {2}, now_);
    begin(2, 2);
    states_ = {{2, "ready"}};
    const net::Statistics statistics = report();
    EXPECT_EQ(statistics.services[0].total, 2U);
    EXPECT_EQ(statistics.services[0].current, 1U);
    ASSERT_EQ(statistics.connections.size(), 2U);
    EXPECT_EQ(statistics.connections[0].outcome, "worker died");
    EXPECT_EQ(statistics.connections[1].pid, 78U);
    EXPECT_EQ(statistics.workers.back().current, 1U);
}

TEST_F(ServiceBookTest, AveragesAreOverTime) {
    book_.worker_started(1, 77, now_);
    begin(1, 1);
    begin(2, 1);
    now_ += minutes(30);
    book_.ended(1, now_);
    book_.ended(2, now_);
    now_ += minutes(30);
    EXPECT_DOUBLE_EQ(figures().concurrent.average, 1);
    EXPECT_EQ(figures().concurrent.most, 2);
    EXPECT_EQ(figures().duration.average, 1800);
}

TEST_F(ServiceBookTest, HoursAreCountedFromTheBeginning) {
    book_.worker_started(1, 77, now_);
    std::uint64_t id = 0;
    for (const int count : {3, 1, 5}) {
        for (int i = 0; i < count; ++i) begin(++id, 1);
        now_ += minutes(60);
    }
    const net::Spread spread = figures().per_hour;
    EXPECT_EQ(spread.least, 1);
    EXPECT_DOUBLE_EQ(spread.average, 3);
    EXPECT_EQ(spread.most, 5);
    now_ += std::chrono::hours(3);
    EXPECT_EQ(figures().per_hour.least, 0);
}

TEST_F(ServiceBookTest, TravelsAsText) {
    book_.worker_started(1, 77, now_);
    begin(1, 1);
    begin(2, 1);
    now_ += std::chrono::milliseconds(1500);
    book_.ended(2, now_);
    const net::Statistics before = report();
    const auto after = net::decode_statistics(net::encode(before));
    ASSERT_TRUE(after);
    EXPECT_EQ(net::encode(*after), net::encode(before));
    EXPECT_EQ(after->services[0].ports, "127.0.0.1:25");
    EXPECT_EQ(after->services[0].duration.most, 1.5);
    ASSERT_EQ(after->connections.size(), 2U);
    EXPECT_FALSE(after->connections[1].ended);
    EXPECT_EQ(after->connections[0].started, before.connections[0].started);
}

TEST(StatisticsText, TornOnesAreErrors) {
    EXPECT_TRUE(net::decode_statistics("END\n"));
    EXPECT_TRUE(net::decode_statistics("LATER\tkind\nEND\n"));
    EXPECT_FALSE(net::decode_statistics(""));
    EXPECT_FALSE(net::decode_statistics("SERVICE\tSMTP\n"));
    EXPECT_FALSE(net::decode_statistics("SERVICE\tSMTP\nEND\n"));
    EXPECT_FALSE(net::decode_statistics("WORKER\tSMTP\tseven\tready\t0\t0\t0\t0\t\nEND\n"));
}

}  // namespace
}  // namespace sluice::dispatcher
