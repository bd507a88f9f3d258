#include "counters/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "counters/exposition.h"

namespace sluice::counters {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The sample of the specification.
ChannelCounts sample() {
    ChannelCounts counts;
    counts.channel = "tcp_local";
    const auto set = [&](Group group, std::int64_t m, std::int64_t r, std::int64_t b) {
        counts.cells[cell(group, Measure::messages)] = m;
        counts.cells[cell(group, Measure::recipients)] = r;
        counts.cells[cell(group, Measure::blocks)] = b;
    };
    set(Group::received, 29379, 79714, 982252);
    set(Group::stored, 61, 113, -2004);
    set(Group::delivered_first, 29369, 79723, 983903);
    set(Group::submitted, 13698, 13699, 18261);
    set(Group::rejected, 1, 10, 0);
    set(Group::failed, 104, 104, 4681);
    counts.cells[seconds_cell(Attempt::first)] = 16425;
    counts.cells[bucket_cell(Attempt::first, 0)] = 29369;
    counts.cells[association_cell(Association::total_in)] = 297637;
    counts.cells[association_cell(Association::total_out)] = 28306;
    return counts;
}

std::string report(const std::vector<ChannelCounts>& channels, const ReportStyle& style = {}) {
    std::ostringstream out;
    write_report(out, channels, style);
    return out.str();
}

TEST(CountersReport, HasTheLayoutOfTheFamily) {
    EXPECT_EQ(
        report({sample()}),
        "Channel                    Messages Recipients     Blocks\n"
        "------------------------ ---------- ---------- ----------\n"
        "tcp_local\n"
        "    Received                  29379      79714     982252\n"
        "    Stored                       61        113      -2004\n"
        "    Delivered                 29369      79723     983903 (29369 first time)\n"
        "    Submitted                 13698      13699      18261\n"
        "    Attempted                     0          0          0\n"
        "    Rejected                      1         10          0\n"
        "    Failed                      104        104       4681\n"
        "\n"
        "    Queue time/count          16425/29369 = 0.56\n"
        "    Queue first time/count    16425/29369 = 0.56\n"
        "\n"
        "    Total In Assocs          297637\n"
        "    Total Out Assocs          28306\n"
        "\n"
    );
}

TEST(CountersReport, LeavesOutWhatIsNotAskedFor) {
    EXPECT_THAT(report({sample()}, {.heading = false}), Not(HasSubstr("Recipients")));
    EXPECT_THAT(report({sample()}, {.associations = false}), Not(HasSubstr("Assocs")));
    EXPECT_THAT(report({sample()}, {.channels = false}), Not(HasSubstr("Received")));
    EXPECT_THAT(report({ChannelCounts{}}), Not(HasSubstr("Stored")));
}

TEST(CountersReport, WhatWaitsReplacesTheSums) {
    std::vector<ChannelCounts> channels{sample()};
    Waiting known{.channel = "tcp_local", .messages = 2, .recipients = 3, .octets = 1500};
    Waiting fresh{.channel = "l", .messages = 1, .recipients = 1, .octets = 10};
    Waiting empty{.channel = "process"};
    apply_waiting(channels, {known, fresh, empty}, 1024);
    ASSERT_EQ(channels.size(), 2U);
    EXPECT_EQ(channels[0].channel, "l");
    EXPECT_EQ(channels[1].at(Group::stored, Measure::messages), 2);
    EXPECT_EQ(channels[1].at(Group::stored, Measure::recipients), 3);
    EXPECT_EQ(channels[1].at(Group::stored, Measure::blocks), 2);
}

TEST(CountersReport, DifferencesKeepLevels) {
    ChannelCounts after = sample();
    after.cells[cell(Group::received, Measure::messages)] += 5;
    after.current_in = 3;
    const auto changed = difference({sample()}, {after});
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].at(Group::received, Measure::messages), 5);
    EXPECT_EQ(changed[0].at(Group::submitted, Measure::messages), 0);
    EXPECT_EQ(changed[0].at(Group::stored, Measure::messages), 61);
    EXPECT_EQ(changed[0].current_in, 3);
    // Cleared meanwhile.
    EXPECT_EQ(difference({after}, {sample()})[0].at(Group::received, Measure::messages), 29379);
}

TEST(CountersExposition, HasTheNamesOfTheSpecification) {
    Exposition exposition;
    exposition.counts = {sample()};
    exposition.waiting = {{.channel = "tcp_local", .pool = "SMTP", .messages = 61, .jobs = 2}};
    exposition.held = {{"tcp_local", "loop", 4}};
    exposition.free_room = FreeRoom{1000, 50};
    exposition.version = "0.1.0";
    exposition.generation = 7;
    const std::string text = prometheus_text(exposition);
    for (const char* line :
         {"mta_channel_received_messages_total{channel=\"tcp_local\"} 29379\n",
          "mta_channel_received_recipients_total{channel=\"tcp_local\"} 79714\n",
          "mta_channel_delivered_messages_total{channel=\"tcp_local\",first_attempt=\"true\"} "
          "29369\n",
          "mta_channel_delivered_messages_total{channel=\"tcp_local\",first_attempt=\"false\"} 0\n",
          "mta_channel_stored_messages{channel=\"tcp_local\"} 61\n",
          "mta_channel_held_messages{channel=\"tcp_local\",reason=\"loop\"} 4\n",
          "mta_channel_associations_total{channel=\"tcp_local\",direction=\"in\"} 297637\n",
          "mta_channel_queue_seconds_count{channel=\"tcp_local\",first_attempt=\"true\"} 29369\n",
          "mta_channel_queue_seconds_sum{channel=\"tcp_local\",first_attempt=\"true\"} 16425\n",
          "mta_jobs{channel=\"tcp_local\",pool=\"SMTP\"} 2\n",
          "mta_queue_filesystem_free_bytes 1000\n", "mta_config_generation 7\n",
          "mta_build_info{version=\"0.1.0\"} 1\n", "# TYPE mta_channel_queue_seconds histogram\n",
          "# TYPE mta_channel_stored_messages gauge\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
    EXPECT_THAT(
        text, HasSubstr("mta_channel_queue_seconds_bucket{channel=\"tcp_local\","
                        "first_attempt=\"true\",le=\"0.1\"} 29369\n")
    );
}

TEST(CountersExposition, WhatIsNotKnownIsLeftOut) {
    const std::string text = prometheus_text(Exposition{});
    EXPECT_THAT(text, Not(HasSubstr("mta_channel_stored")));
    EXPECT_THAT(text, Not(HasSubstr("mta_channel_held")));
    EXPECT_THAT(text, Not(HasSubstr("filesystem")));
}

TEST(CountersReport, ShowsOnlyLimitsThatWereReached) {
    LimitCounts limits{};
    std::ostringstream none;
    write_limits(none, limits, {});
    EXPECT_EQ(none.str(), "");
    limits[static_cast<std::size_t>(limits::Limit::header)] = 12;
    std::ostringstream out;
    write_limits(out, limits, {});
    EXPECT_THAT(
        out.str(),
        testing::AllOf(HasSubstr("Limits reached"), HasSubstr("    header "), HasSubstr(" 12\n"))
    );
    EXPECT_THAT(out.str(), Not(HasSubstr("max_conns")));
    ReportStyle without;
    without.limits = false;
    std::ostringstream left_out;
    write_limits(left_out, limits, without);
    EXPECT_EQ(left_out.str(), "");
}

TEST(CountersReport, LimitsAreAMetricWithALabelEach) {
    Exposition exposition;
    exposition.limits.emplace();
    exposition.limits->at(static_cast<std::size_t>(limits::Limit::command_line)) = 7;
    const std::string text = prometheus_text(exposition);
    EXPECT_THAT(text, HasSubstr("mta_limit_hits_total{limit=\"command_line\"} 7"));
    EXPECT_THAT(text, HasSubstr("mta_limit_hits_total{limit=\"max_conns\"} 0"));
}

}  // namespace
}  // namespace sluice::counters
