#include "pipe/program_job.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::pipe {
namespace {

class ProgramJob : public testing::Test {
protected:
    ProgramJob() {
        program_.method = "ticket";
        parts_ = {"bob", "urgent", "example.com"};
        facts_.sender = "amy@example.org";
        facts_.recipient = "bob+urgent%ticket@pipe";
    }
    Result<std::vector<std::string>> expand(const std::string& arguments) {
        program_.arguments = arguments;
        return expand_arguments(program_, parts_, facts_);
    }
    config::DeliveryProgram program_;
    AddressParts parts_;
    MessageFacts facts_;
};

TEST_F(ProgramJob, ArgumentsAreFilledIn) {
    EXPECT_EQ(
        expand("-d %s+%d@%h --from=%f %m 100%% \"%a\"").value(),
        (std::vector<std::string>{
            "-d", "bob+urgent@example.com", "--from=amy@example.org", "ticket", "100%",
            "bob+urgent%ticket@pipe"})
    );
    EXPECT_TRUE(expand("")->empty());
}

TEST_F(ProgramJob, WhatIsFilledInStaysOneArgument) {
    parts_.user = "a b\"; rm *";
    EXPECT_EQ(expand("-d %s").value(), (std::vector<std::string>{"-d", "a b\"; rm *"}));
    facts_.sender.clear();
    EXPECT_EQ(expand("-f %f x").value(), (std::vector<std::string>{"-f", "", "x"}));
}

TEST_F(ProgramJob, AnAddressIsNoOption) {
    parts_.user = "-oQ/tmp";
    const auto refused = expand("%s");
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is_permanent());
    EXPECT_EQ(expand("-d%s").value(), std::vector<std::string>{"-d-oQ/tmp"});
    // An expansion that is empty does not hide the next one.
    parts_.detail.clear();
    EXPECT_FALSE(expand("%d%s"));
}

TEST_F(ProgramJob, ControlsAreRefusedInArgumentsAndLeftOutOfTheEnvironment) {
    parts_.user = std::string("b\0b\n", 4);
    EXPECT_FALSE(expand("%s"));
    const auto environment = environment_of(program_, parts_, facts_, "/d");
    const auto user = std::find_if(environment.begin(), environment.end(), [](const auto& one) {
        return one.first == "USER";
    });
    ASSERT_NE(user, environment.end());
    EXPECT_EQ(user->second, "bb");
}

TEST_F(ProgramJob, AnUnknownLetterIsAMistakeOfTheSite) {
    for (const char* arguments : {"%x", "%", "a%"}) {
        const auto refused = expand(arguments);
        ASSERT_FALSE(refused) << arguments;
        EXPECT_FALSE(refused.error().is_permanent());
    }
}

TEST_F(ProgramJob, RunsAsTheUserTheMethodOrTheChannelSays) {
    EXPECT_EQ(account_of(program_, parts_, ""), "");
    EXPECT_EQ(account_of(program_, parts_, "daemon"), "daemon");
    program_.account = "rt";
    EXPECT_EQ(account_of(program_, parts_, "daemon"), "rt");
    program_.as_recipient = true;
    EXPECT_EQ(account_of(program_, parts_, "daemon"), "bob");
}

}  // namespace
}  // namespace sluice::pipe
