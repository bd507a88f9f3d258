#include "jobs/inflow_state.h"

#include <gtest/gtest.h>

namespace sluice::jobs {
namespace {

using namespace std::chrono_literals;
using Channels = std::vector<std::string>;

const MonoTime start{1h};

TEST(InflowState, TextAndBack) {
    const InflowState state{3, 17, {"l", "tcp_local"}};
    EXPECT_EQ(state.to_text(), "3 17\nl\ntcp_local\n");
    const InflowState again = InflowState::parse(state.to_text());
    EXPECT_EQ(again.changes, 3U);
    EXPECT_EQ(again.beat, 17U);
    EXPECT_EQ(again.channels, state.channels);
}

TEST(InflowState, WhatIsCutShortSaysNothing) {
    for (const char* text : {"", "3", "3 x\nl\n", "l\ntcp_local\n"})
        EXPECT_TRUE(InflowState::parse(text).channels.empty()) << text;
    EXPECT_EQ(InflowState::parse("3 17\nl\ntcp_lo").channels, Channels{"l"});
}

TEST(FreshInflow, IsBelievedWhileItsBeatGoesOn) {
    FreshInflow inflow;
    for (std::uint64_t beat = 1; beat < 100; ++beat)
        EXPECT_EQ(inflow.heard({1, beat, {"l"}}, start + beat * 5s), Channels{"l"});
    const MonoTime last = start + 99 * 5s;
    EXPECT_EQ(inflow.heard({1, 99, {"l"}}, last + 29s), Channels{"l"});
    EXPECT_TRUE(inflow.heard({1, 99, {"l"}}, last + 30s).empty()) << "its author is dead";
    EXPECT_TRUE(inflow.heard({1, 99, {"l"}}, last + 1h).empty());
    EXPECT_EQ(inflow.heard({1, 100, {"l"}}, last + 2h), Channels{"l"});
    EXPECT_TRUE(inflow.heard({2, 101, {}}, last + 2h).empty());
}

}  // namespace
}  // namespace sluice::jobs
