#include "lookup/gathering.h"

#include <gtest/gtest.h>

#include "policy/recipient.h"
#include "support/instance_directory.h"

namespace sluice::lookup {
namespace {

using mapping::Answer;
using mapping::Question;
using Kind = Question::Kind;

class GatheringTest : public testing::Test {
protected:
    GatheringTest() { instance_.write("config/number", "0\n"); }

    void load() {
        auto loaded = config::load_published(instance_.tailor());
        ASSERT_TRUE(loaded) << loaded.error().detail();
        configuration_ = *loaded;
        sources_ = std::make_unique<Sources>(configuration_);
    }
    [[nodiscard]] std::string number() const { return instance_.read("config/number"); }

    test::InstanceDirectory instance_{"gathering"};
    config::ConfigurationPtr configuration_;
    std::unique_ptr<Sources> sources_;
};

const Question next_number{Kind::sequence_number, "number", {}, {}};
const Question chance{Kind::chance, {}, {}, {}};

TEST_F(GatheringTest, WaitsOnceForWhatMayBlock) {
    load();
    Gathering answers(*sources_);
    answers.begin();
    const std::string drawn = answers.ask(chance).text;
    EXPECT_FALSE(answers.is_pending());
    EXPECT_EQ(answers.ask(next_number).kind, Answer::Kind::pending);
    EXPECT_TRUE(answers.is_pending());
    EXPECT_EQ(answers.ask(chance).kind, Answer::Kind::pending);
    EXPECT_EQ(number(), "0\n");
    answers.settle();
    EXPECT_FALSE(answers.is_pending());
    for (int i = 0; i < 2; ++i) {
        answers.begin();
        EXPECT_EQ(answers.ask(chance).text, drawn);
        EXPECT_EQ(answers.ask(next_number).text, "1");
    }
    EXPECT_EQ(number(), "1\n");
}

TEST_F(GatheringTest, QuestionsBeyondTheLimitFail) {
    load();
    Gathering answers(*sources_);
    int rounds = 0;
    bool failed = false;
    do {
        if (answers.is_pending()) answers.settle();
        answers.begin();
        for (int i = 0; i < 60 && !answers.is_pending(); ++i)
            failed = answers.ask(next_number).kind == Answer::Kind::temporary_failure;
        ++rounds;
    } while (answers.is_pending() && rounds < 1000);
    EXPECT_TRUE(failed);
    EXPECT_EQ(number(), "50\n");
}

TEST_F(GatheringTest, LastRoundWaitsItself) {
    load();
    Gathering answers(*sources_);
    answers.begin();
    const std::string drawn = answers.ask(chance).text;
    EXPECT_EQ(answers.ask(next_number).kind, Answer::Kind::pending);
    answers.wait_from_now_on();
    EXPECT_FALSE(answers.is_pending());
    answers.begin();
    EXPECT_EQ(answers.ask(chance).text, drawn);
    for (int i = 1; i <= 60; ++i) EXPECT_EQ(answers.ask(next_number).text, std::to_string(i));
    EXPECT_FALSE(answers.is_pending());
    EXPECT_EQ(number(), "60\n");
}

// What routines remark is told once for each that was asked in the decision that counts.
TEST_F(GatheringTest, RemarksAreThoseOfTheLastRound) {
    load();
    Gathering answers(*sources_);
    const auto greet = [&](const std::string& address) {
        return answers.ask({Kind::call_out, "abuse", "greylist_client", address + ",pt1h pt2h p1d"})
            .kind;
    };
    answers.begin();
    EXPECT_EQ(greet("192.0.2.1"), Answer::Kind::pending);
    EXPECT_TRUE(answers.remarks().empty());
    answers.settle();
    for (int round = 0; round < 2; ++round) {
        answers.begin();
        EXPECT_EQ(greet("192.0.2.1"), Answer::Kind::found);
    }
    EXPECT_EQ(answers.remarks(), std::vector<std::string>{"GREY first time"});
    answers.wait_from_now_on();
    EXPECT_EQ(greet("192.0.2.1"), Answer::Kind::found);
    EXPECT_EQ(answers.ask(chance).kind, Answer::Kind::found);
    EXPECT_EQ(answers.remarks(), (std::vector<std::string>{"GREY first time", "GREY too soon"}));
}

// Every effect of a decision is counted once, however often the decision is made.
TEST_F(GatheringTest, WholeDecision) {
    instance_.write(
        "config/mappings",
        "FROM_ACCESS\n\n  *  $C$#IMTA_TABLE:number#\n  *  $Y\n"
        "\nORIG_MAIL_ACCESS\n\n  *  $X4.2.1|$#number#$ $#number|10|4#$ numbers$N\n"
    );
    load();
    policy::SenderProbe sender;
    sender.source = configuration_->imta.channels.local();
    sender.address = "adam@elsewhere.example";
    Gathering from(*sources_);
    policy::SenderDecision decided;
    int rounds = 0;
    do {
        if (from.is_pending()) from.settle();
        from.begin();
        decided = policy::decide_sender(*configuration_, sender, from);
        ++rounds;
    } while (from.is_pending());
    EXPECT_EQ(rounds, 2);
    EXPECT_FALSE(decided.refusal);

    policy::RecipientProbe recipient;
    recipient.source = configuration_->imta.channels.local();
    recipient.sender = decided.address;
    recipient.address = "adam";
    Gathering to(*sources_);
    policy::RecipientDecision decision;
    rounds = 0;
    do {
        if (to.is_pending()) to.settle();
        to.begin();
        decision = policy::decide_recipient(*configuration_, recipient, to);
        ++rounds;
    } while (to.is_pending());
    EXPECT_EQ(rounds, 3);
    ASSERT_TRUE(decision.refusal);
    EXPECT_NE(decision.refusal->to_string().find("2 0003 numbers"), std::string::npos)
        << decision.refusal->to_string();
    EXPECT_EQ(number(), "3\n");
}

}  // namespace
}  // namespace sluice::lookup
