#include "policy/conversion_choice.h"

#include <gtest/gtest.h>

#include "policy/recipient.h"
#include "support/site.h"

namespace sluice::policy {
namespace {

constexpr const char* with_conversion = "\nconversion_fax\nconversion_fax-daemon\n";

class ConversionChoiceTest : public testing::Test {
protected:
    void site(const std::string& entries, const std::string& options = "") {
        const auto text = [](const char* name) {
            return read_file(std::string(SLUICE_SOURCE_DIR "/config/") + name).value();
        };
        site_ = test::make_site(
            {{"imta.cnf", text("imta.cnf") + with_conversion},
             {"mappings", text("mappings") + "\nCONVERSIONS\n\n" + entries + "\n"},
             {"option.dat", text("option.dat") + options},
             {"aliases", "postmaster: adam\nboth: adam, eve\n"}}
        );
    }
    RecipientDecision decide(
        const std::string& address,
        const char* source = "tcp_local",
        std::optional<channel::Onward> onward = {},
        std::vector<std::string> tags = {}
    ) {
        RecipientProbe probe;
        probe.source = site_->imta.channels.find(source);
        probe.sender = "amy@siroe.example";
        probe.address = address;
        probe.onward = std::move(onward);
        probe.conversion_tags = std::move(tags);
        mapping::NoAnswers answers;
        return decide_recipient(*site_, probe, answers, &trace_);
    }

    config::ConfigurationPtr site_;
    Trace trace_;
};

TEST_F(ConversionChoiceTest, YesRoutesThroughTheConversionChannelWithTheCompleteAddress) {
    site("  IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT  Yes\n");
    const auto decision = decide("adam@example.com");
    ASSERT_EQ(decision.destinations.size(), 1U);
    const Destination& one = decision.destinations[0];
    EXPECT_EQ(one.channel, "conversion");
    EXPECT_EQ(one.address, "adam@example.com");
    EXPECT_EQ(one.host, "");
    EXPECT_EQ(one.onward, (channel::Onward{"l", "adam", ""}));
}

TEST_F(ConversionChoiceTest, TraceTellsTheProbe) {
    site("  IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT  Yes\n");
    decide("adam@example.com");
    const auto found = std::find_if(trace_.begin(), trace_.end(), [](const TraceEntry& entry) {
        return entry.stage == TraceEntry::Stage::conversion;
    });
    ASSERT_NE(found, trace_.end());
    const std::string text = found->to_string();
    EXPECT_NE(text.find("conversion by channel conversion"), std::string::npos) << text;
    EXPECT_NE(text.find("IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT"), std::string::npos) << text;
}

TEST_F(ConversionChoiceTest, MailFromAConversionChannelIsNeverSentToItAgain) {
    site("  IN-CHAN=*;OUT-CHAN=*;CONVERT  Yes\n");
    const channel::Onward onward{"l", "adam", ""};
    const auto decision = decide("adam@mail.example.com", "conversion", onward);
    ASSERT_EQ(decision.destinations.size(), 1U);
    EXPECT_EQ(decision.destinations[0].channel, "l");
    EXPECT_EQ(decision.destinations[0].address, "adam");
    EXPECT_EQ(decision.destinations[0].intermediate, "adam@mail.example.com");
    EXPECT_FALSE(decision.destinations[0].onward);
}

TEST_F(ConversionChoiceTest, SecondConversionChannelMayFollowTheFirst) {
    site("  IN-CHAN=conversion;OUT-CHAN=l;CONVERT  Yes,Channel=Conversion_fax\n");
    const auto decision =
        decide("adam@mail.example.com", "conversion", channel::Onward{"l", "adam", ""});
    ASSERT_EQ(decision.destinations.size(), 1U);
    EXPECT_EQ(decision.destinations[0].channel, "conversion_fax");
    EXPECT_EQ(decision.destinations[0].onward, (channel::Onward{"l", "adam", ""}));
}

TEST_F(ConversionChoiceTest, AliasesAreNotExpandedAgainOnTheWayOn) {
    site("  IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT  Yes\n");
    EXPECT_EQ(decide("both@example.com").destinations.size(), 2U);
    const auto decision =
        decide("both@mail.example.com", "conversion", channel::Onward{"l", "both", ""});
    ASSERT_EQ(decision.destinations.size(), 1U);
    EXPECT_EQ(decision.destinations[0].address, "both");
}

TEST_F(ConversionChoiceTest, DestinationWhoseChannelIsGoneIsFoundAnew) {
    site("  IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT  Yes\n");
    const auto decision =
        decide("adam@mail.example.com", "conversion", channel::Onward{"gone", "x", ""});
    ASSERT_EQ(decision.destinations.size(), 1U);
    EXPECT_EQ(decision.destinations[0].channel, "l");
}

TEST_F(ConversionChoiceTest, ChannelThatCannotBeUsedRefusesForNow) {
    for (const char* answer : {"Yes,Channel=conversion_gone", "Yes,Channel=tcp_local"}) {
        site(std::string("  IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT  ") + answer + "\n");
        const auto decision = decide("adam@example.com");
        ASSERT_TRUE(decision.refusal) << answer;
        EXPECT_EQ(decision.refusal->status, (StatusCode{4, 3, 5}));
        ASSERT_FALSE(decision.warnings.empty());
    }
}

TEST_F(ConversionChoiceTest, TagsAreAddedAndAskedAbout) {
    site(
        "  IN-CHAN=*;OUT-CHAN=*;TAG=*vip*;CONVERT  Yes\n"
        "  IN-CHAN=*;OUT-CHAN=l;TAG=;CONVERT  No,Tag=seen,twice\n",
        "\nINCLUDE_CONVERSIONTAG=2\n"
    );
    EXPECT_EQ(
        decide("adam@example.com", "tcp_local", {}, {"a", "vip"}).destinations.at(0).channel,
        "conversion"
    );
    const auto plain = decide("adam@example.com");
    EXPECT_EQ(plain.destinations.at(0).channel, "l");
    EXPECT_EQ(
        plain.destinations.at(0).conversion_tags, (std::vector<std::string>{"seen", "twice"})
    );
}

struct Keywords {
    const char* output;
    const char* expected;
};

class ConversionKeywordsTest : public testing::TestWithParam<Keywords> {};

TEST_P(ConversionKeywordsTest, AreReadFromTheOutput) {
    const ConversionKeywords keywords = parse_conversion_keywords(GetParam().output);
    std::string text = (keywords.yes ? "yes " : "no ") + keywords.channel;
    for (const std::string& tag : keywords.tags) text += ' ' + tag;
    EXPECT_EQ(text, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Outputs,
    ConversionKeywordsTest,
    testing::Values(
        Keywords{"Yes", "yes conversion"},
        Keywords{" yES , channel = conversion_fax ", "yes conversion_fax"},
        Keywords{"", "no conversion"},
        Keywords{"maybe", "no conversion"},
        Keywords{"No", "no conversion"},
        Keywords{"Yes,No", "no conversion"},
        Keywords{"Yes,Tag=a,b,Channel=conversion_x,c", "yes conversion_x a b"},
        Keywords{"Yes,Channel=,Tag=", "yes conversion"},
        Keywords{"Tag=a,Yes,b", "yes conversion a"}
    )
);

}  // namespace
}  // namespace sluice::policy
