#include "counters/host_figures.h"

#include <gtest/gtest.h>

#include "counters/exposition.h"

namespace sluice::counters {
namespace {

jobs::HostRow row(const std::string& host, std::uint32_t active, std::uint32_t delayed) {
    jobs::HostRow row;
    row.channel = "tcp_local";
    row.host = host;
    row.active = active;
    row.delayed = delayed;
    return row;
}
jobs::HostRow down(const std::string& host, std::uint32_t delayed, WallTime next_try) {
    jobs::HostRow down = row(host, 0, delayed);
    down.down = true;
    down.next_try = next_try;
    return down;
}

TEST(HostFigures, CountsHostsByStateAndNamesTheBusiest) {
    HostTally tally(2);
    for (int i = 0; i < 50; ++i) tally.add(row("small" + std::to_string(i) + ".example", 1, 0));
    tally.add(row("busy.example", 30, 5));
    tally.add(down("dead.example", 100, WallTime(std::chrono::hours(1))));
    tally.add(down("asked.example", 3, WallTime{}));
    tally.add(row("", 1000, 0));  // of a channel that does not tell hosts apart
    const HostFigures figures = tally.take();
    using State = HostFigures::State;
    const std::map<std::pair<std::string, State>, std::uint64_t> expected{
        {{"tcp_local", State::up}, 51},
        {{"tcp_local", State::down}, 1},
        {{"tcp_local", State::probing}, 1}};
    EXPECT_EQ(figures.hosts, expected);
    ASSERT_EQ(figures.busiest.size(), 2U);
    EXPECT_EQ(figures.busiest[0].host, "dead.example");
    EXPECT_EQ(figures.busiest[0].messages, 100U);
    EXPECT_EQ(figures.busiest[1].host, "busy.example");
    EXPECT_EQ(figures.busiest[1].messages, 35U);
}

TEST(HostFigures, NamesNobodyUnlessAsked) {
    HostTally tally(0);
    tally.add(row("busy.example", 30, 5));
    EXPECT_TRUE(tally.take().busiest.empty());
}

TEST(HostFigures, AreMetrics) {
    HostTally tally(1);
    tally.add(row("a.example", 2, 1));
    tally.add(down("dead.example", 7, WallTime(std::chrono::hours(1))));
    Exposition exposition;
    exposition.hosts = tally.take();
    const std::string text = prometheus_text(exposition);
    EXPECT_NE(text.find("mta_hosts{channel=\"tcp_local\",state=\"up\"} 1\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("mta_hosts{channel=\"tcp_local\",state=\"down\"} 1\n"), std::string::npos);
    EXPECT_NE(
        text.find("mta_host_messages{channel=\"tcp_local\",host=\"dead.example\"} 7\n"),
        std::string::npos
    );
    EXPECT_EQ(text.find("a.example"), std::string::npos);
}

}  // namespace
}  // namespace sluice::counters
