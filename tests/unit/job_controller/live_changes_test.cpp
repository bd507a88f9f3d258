#include "job_controller/live_changes.h"

#include <gtest/gtest.h>

#include "job_controller/state_text.h"

namespace sluice::job_controller {
namespace {

using jobs::Change;
using jobs::Setting;

JobControllerSettings site() {
    JobControllerSettings settings;
    for (const char* name : {"tcp_local", "tcp_intranet", "l"}) {
        ChannelSettings channel;
        channel.name = name;
        settings.channels.push_back(channel);
    }
    return settings;
}

TEST(LiveChanges, ConcernOneChannelOrAllThatFit) {
    LiveChanges changes;
    JobControllerSettings settings = site();
    EXPECT_EQ(*changes.make(settings, {Setting::thread_depth, "tcp_*", "20"}), 2U);
    EXPECT_EQ(*changes.make(settings, {Setting::job_limit, "L", "3"}), 1U);
    EXPECT_EQ(settings.channels[0].thread_depth, 20U);
    EXPECT_EQ(settings.channels[1].thread_depth, 20U);
    EXPECT_EQ(settings.channels[2].thread_depth, 10U);
    EXPECT_EQ(settings.channels[2].max_jobs, 3U);
    EXPECT_EQ(*changes.make(settings, {Setting::max_messages, "", "5000"}), 0U);
    EXPECT_EQ(settings.max_messages, 5000U);
}

TEST(LiveChanges, WhatMakesNoSenseIsRefusedAndForgotten) {
    LiveChanges changes;
    JobControllerSettings settings = site();
    for (const Change& change : std::vector<Change>{
             {Setting::thread_depth, "tcp_local", "0"},
             {Setting::thread_depth, "tcp_local", "many"},
             {Setting::job_limit, "nowhere", "3"},
             {Setting::master_job, "l", "l_master"},
             {Setting::max_messages, "", "0"},
             {Setting::debug, "", "-1"}}) {
        EXPECT_FALSE(changes.make(settings, change)) << text_of(change);
    }
    changes.apply_to(settings);
    EXPECT_EQ(settings.channels[0].thread_depth, ChannelSettings().thread_depth);
    EXPECT_EQ(settings.max_messages, JobControllerSettings().max_messages);
}

TEST(LiveChanges, OutliveSettingsThatAreReadAnew) {
    LiveChanges changes;
    JobControllerSettings settings = site();
    ASSERT_TRUE(changes.make(settings, {Setting::thread_depth, "tcp_local", "20"}));
    ASSERT_TRUE(changes.make(settings, {Setting::thread_depth, "tcp_local", "30"}));
    ASSERT_TRUE(changes.make(settings, {Setting::master_job, "l", "/bin/true"}));
    ASSERT_TRUE(changes.make(settings, {Setting::debug, "", "8"}));
    EXPECT_EQ(settings.debug, 8);
    JobControllerSettings fresh = site();
    fresh.channels.pop_back();  // l is gone
    changes.apply_to(fresh);
    EXPECT_EQ(fresh.channels[0].thread_depth, 30U);
    EXPECT_EQ(fresh.debug, 8);
    EXPECT_EQ(fresh.channels[1].thread_depth, 10U);
}

TEST(StateText, TellsOfChannels) {
    const Scheduler scheduler(site(), MonoTime{});
    const auto lines = state_text(scheduler, MonoTime{}, WallTime{}, 10);
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.starts_with("walk: channel tcp_local, pool ");
    }));
}

}  // namespace
}  // namespace sluice::job_controller
