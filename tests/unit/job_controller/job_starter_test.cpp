#include "job_controller/job_starter.h"

#include <gtest/gtest.h>

namespace sluice::job_controller {
namespace {

using Words = std::vector<std::string>;

TEST(StartRequest, SurvivesTheWay) {
    for (const StartRequest& request :
         {StartRequest{{"/lib/l_master", "l"}, 17}, StartRequest{{"/lib/return"}, std::nullopt},
          StartRequest{{"/bin/sh", "-c", "a b \"$@\"", "", "l"}, 0}}) {
        const auto decoded = decode_start_request(encode(request));
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, request);
    }
}

TEST(StartRequest, DamageIsNoticed) {
    using namespace std::string_view_literals;
    for (const std::string_view packet :
         {""sv, "\0"sv, "/lib/l_master"sv, "/lib/l_master\0l\0seventeen\0"sv, "17\0"sv,
          "/lib/l_master\0l\0"
          "17"sv})
        EXPECT_FALSE(decode_start_request(packet)) << packet;
}

TEST(JobsOf, ThereAreThoseOfChannelsAndThePeriodicOnes) {
    JobControllerSettings settings;
    ChannelSettings channel;
    channel.name = "l";
    channel.master_command = "/lib/l_master -x";
    settings.channels.push_back(channel);
    channel.name = "silent";
    channel.master_command.clear();
    settings.channels.push_back(channel);
    channel.name = "shell";
    channel.master_command = "/lib/one | /lib/two";
    settings.channels.push_back(channel);
    settings.periodic_jobs.push_back({"return", "/lib/return", false, {}, {}});
    const auto jobs = jobs_of(settings);
    EXPECT_TRUE(jobs.contains(Words{"/lib/l_master", "-x", "l"}));
    EXPECT_TRUE(jobs.contains(Words{"/lib/return"}));
    EXPECT_EQ(jobs.size(), 2U);  // no shell is allowed
}

TEST(JobsOf, AnotherChannelsNameIsNoJob) {
    JobControllerSettings settings;
    ChannelSettings channel;
    channel.name = "l";
    channel.master_command = "/lib/l_master";
    settings.channels.push_back(channel);
    const auto jobs = jobs_of(settings);
    EXPECT_FALSE(jobs.contains(Words{"/lib/l_master", "tcp_local"}));
    EXPECT_FALSE(jobs.contains(Words{"/lib/l_master"}));
    EXPECT_FALSE(jobs.contains(Words{"/bin/sh", "-c", "/lib/l_master"}));
}

}  // namespace
}  // namespace sluice::job_controller
