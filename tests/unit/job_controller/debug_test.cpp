#include "job_controller/debug.h"

#include <gtest/gtest.h>

namespace sluice::job_controller {
namespace {

TEST(JobControllerDebug, BitsAreIndependentAndANegativeMaskHasAll) {
    EXPECT_TRUE(Debug(5).has(debug_bit::messages));
    EXPECT_FALSE(Debug(5).has(debug_bit::details));
    EXPECT_TRUE(Debug(5).has(debug_bit::states));
    EXPECT_FALSE(Debug(0).has(debug_bit::waiting));
    EXPECT_TRUE(Debug(-1).has(debug_bit::waiting));
}

TEST(JobControllerDebug, NothingIsMadeForABitThatIsNotSet) {
    Debug(0).note(debug_bit::messages, []() -> std::string {
        ADD_FAILURE();
        return {};
    });
}

TEST(JobControllerDebug, EveryRequestAndOutcomeHasAWord) {
    for (int verb = 1; verb <= static_cast<int>(jobs::Verb::walk); ++verb)
        EXPECT_EQ(word_of(static_cast<jobs::Verb>(verb)).find(' '), std::string::npos) << verb;
    EXPECT_EQ(word_of(jobs::Verb::enqueue), "enqueue");
    EXPECT_EQ(word_of(jobs::Verb::reload), "reload");
    EXPECT_EQ(word_of(jobs::Outcome::postponed), "postponed");
    jobs::DoneItem done;
    done.handle = 17;
    done.outcome = jobs::Outcome::temp;
    done.new_file = "000/ZYX.00";
    done.reason = "connection refused";
    EXPECT_EQ(describe(done), "message 17 temp, now 000/ZYX.00: connection refused");
}

TEST(JobControllerDebug, OnlyChannelsWithSomethingAreDumped) {
    jobs::ChannelRow busy;
    busy.channel = "l";
    busy.ready = 2;
    busy.jobs = 1;
    EXPECT_EQ(
        describe(std::vector<jobs::ChannelRow>{{}, busy}),
        "queues: l ready 2, in progress 0, delayed 0, jobs 1, threads 0;"
    );
}

}  // namespace
}  // namespace sluice::job_controller
