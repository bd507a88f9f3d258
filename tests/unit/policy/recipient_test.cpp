#include "policy/recipient.h"

#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "policy/valid_recipients.h"
#include "support/site.h"

namespace sluice::policy {
namespace {

class RecipientTest : public testing::Test {
protected:
    explicit RecipientTest(std::map<std::string, std::string> changes = {})
        : site_(test::make_site(changes)) {}

    RecipientDecision decide(
        const std::string& address, const char* source = "tcp_local", Trace* trace = nullptr
    ) {
        RecipientProbe probe;
        probe.source = site_->imta.channels.find(source);
        probe.sender = "harold@varrius.com";
        probe.address = address;
        mapping::NoAnswers answers;
        return decide_recipient(*site_, probe, answers, trace);
    }
    std::string refusal(const std::string& address, const char* source = "tcp_local") {
        const auto decision = decide(address, source);
        return decision.refusal ? decision.refusal->to_string() : "accepted";
    }

    config::ConfigurationPtr site_;
};

TEST_F(RecipientTest, LocalUserBecomesABareLocalPart) {
    const auto decision = decide("Adam@Example.com");
    ASSERT_FALSE(decision.refusal);
    ASSERT_EQ(decision.destinations.size(), 1U);
    EXPECT_EQ(decision.destinations[0].address, "Adam");
    EXPECT_EQ(decision.destinations[0].channel, "l");
    EXPECT_EQ(decision.destinations[0].host, "");
}

TEST_F(RecipientTest, SubaddressIsKeptForTheMailbox) {
    EXPECT_EQ(decide("adam+lists@example.com").destinations.at(0).address, "adam+lists");
}

/// A list of recipients.
class ListedAnswers final : public mapping::Answers {
public:
    mapping::Answer ask(const mapping::Question& question) override {
        if (question.routine != "valid_rcpt") return mapping::Answer::none();
        if (broken) return mapping::Answer::temporary();
        asked.push_back(question.argument);
        const bool listed = keys.contains(question.argument);
        return listed ? mapping::Answer::literal({}) : mapping::Answer::none();
    }
    std::set<std::string> keys;
    std::vector<std::string> asked;
    bool broken = false;
};

class ValidRecipients : public RecipientTest {
protected:
    ValidRecipients() : RecipientTest({{"option.dat", "VALID_RCPT_DATABASE=IMTA_TABLE:valid\n"}}) {}

    std::string check(const std::string& address, bool reprocessing = false) {
        RecipientProbe probe;
        probe.source = site_->imta.channels.find("tcp_local");
        probe.sender = "harold@varrius.com";
        probe.address = address;
        probe.reprocessing = reprocessing;
        answers_.asked.clear();
        trace_.clear();
        const auto decision = decide_recipient(*site_, probe, answers_, &trace_);
        return decision.refusal ? decision.refusal->to_string() : "accepted";
    }
    ListedAnswers answers_;
    Trace trace_;
};

TEST_F(ValidRecipients, OnlyListedOnesAreAccepted) {
    const std::string refused = "550 5.1.1 unknown or illegal alias: ";
    EXPECT_EQ(check("adam@example.com"), refused + "adam@example.com");
    answers_.keys = {"adam@example.com"};
    EXPECT_EQ(check("Adam@Example.com"), "accepted");
    EXPECT_EQ(check("adam+lists@example.com"), "accepted");
    EXPECT_EQ(check("eve@example.com"), refused + "eve@example.com");
    EXPECT_EQ(check("eve@example.com", true), "accepted") << "was asked about when it came in";
    answers_.keys = {"@example.com"};
    EXPECT_EQ(check("eve@example.com"), "accepted");
    EXPECT_EQ(check("nobody@example.com"), refused + "nobody@example.com") << "aliases come next";
}

TEST_F(ValidRecipients, MoreGeneralKeysAreTriedInOrder) {
    EXPECT_EQ(
        valid_recipient_keys("box-a-b+c", "d.example"),
        (std::vector<std::string>{
            "box-a-b+c@d.example", "box-a-b@d.example", "box-a-default@d.example",
            "box-default@d.example", "@d.example"})
    );
    EXPECT_EQ(
        valid_recipient_keys("box", "d.example"),
        (std::vector<std::string>{"box@d.example", "@d.example"})
    );
    EXPECT_LE(valid_recipient_keys(std::string(100, '-'), "d.example").size(), 20U);
}

TEST_F(ValidRecipients, PostmasterNeedsNoEntry) {
    EXPECT_EQ(check("postmaster@example.com"), "accepted");
    EXPECT_TRUE(answers_.asked.empty());
}

TEST_F(ValidRecipients, OtherSystemsAreNotLookedFor) {
    (void)check("alan@very.bogus.com");
    EXPECT_TRUE(answers_.asked.empty());
}

TEST_F(ValidRecipients, DatabaseThatCannotBeReadRefusesForNowOnly) {
    answers_.broken = true;
    EXPECT_TRUE(check("adam@example.com").starts_with("450 4.3.0 "));
}

TEST_F(RecipientTest, UnknownUserIsRefusedAtOnce) {
    EXPECT_EQ(
        refusal("nobody@example.com"), "550 5.1.1 unknown or illegal alias: nobody@example.com"
    );
}

TEST_F(RecipientTest, RelayingFromOutsideIsRefusedAsInTheManual) {
    EXPECT_EQ(
        refusal("alan@very.bogus.com"), "550 5.7.1 Relaying not permitted: alan@very.bogus.com"
    );
}

TEST_F(RecipientTest, RelayingFromInsideGoesToTheInternetChannel) {
    const auto decision = decide("alan@very.bogus.com", "tcp_intranet");
    ASSERT_FALSE(decision.refusal);
    EXPECT_EQ(decision.destinations.at(0).channel, "tcp_local");
    EXPECT_EQ(decision.destinations.at(0).host, "very.bogus.com");
}

// R11: forms of address that other systems have relayed for.
class RelayForm : public RecipientTest, public testing::WithParamInterface<const char*> {};

TEST_P(RelayForm, IsRefusedFromOutside) {
    const auto decision = decide(GetParam());
    if (decision.refusal) return;
    for (const Destination& destination : decision.destinations) {
        EXPECT_EQ(destination.channel, "l")
            << GetParam() << " leaves through " << destination.channel;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Matrix,
    RelayForm,
    testing::Values(
        "u@far.example",
        "u%far.example@example.com",
        "far.example!u@example.com",
        "u%far.example",
        "@example.com:u@far.example",
        "@mail.example.com,@far.example:u@other.example",
        "u@far.example@example.com",
        "\"u@far.example\"@example.com",
        "\"u%far.example\"@example.com",
        "u%far.example@mail.example.com",
        "u@[192.0.2.1]",
        "u%[192.0.2.1]@example.com",
        "u@[IPv6:2001:db8::1]",
        "far.example!u",
        "a!b!u@example.com",
        "u%a%b@example.com",
        "u@tcp_local-daemon",
        "u%far.example@tcp_local-daemon",
        "u@tcp_intranet-daemon",
        "@tcp_intranet-daemon:u@far.example",
        "u%far.example@process-daemon",
        "u@EXAMPLE.COM.far.example",
        "u@far.example.",
        "\"\"@far.example",
        "u@xn--far-example",
        "postmaster%far.example@example.com",
        "\xc3\xbc@far.example"
    )
);

TEST_F(RecipientTest, PostmasterIsAlwaysWelcome) {
    for (const char* address :
         {"postmaster", "PostMaster", "postmaster@example.com", "postmaster@mail.example.com"}) {
        const auto decision = decide(address);
        ASSERT_FALSE(decision.refusal) << address << decision.refusal->to_string();
        EXPECT_EQ(to_lower(decision.destinations.at(0).address), "postmaster");
    }
}

TEST_F(RecipientTest, TraceTellsTheStoryInOrder) {
    Trace trace;
    decide("adam@example.com", "tcp_local", &trace);
    std::vector<TraceEntry::Stage> stages;
    for (const TraceEntry& entry : trace) stages.push_back(entry.stage);
    using Stage = TraceEntry::Stage;
    EXPECT_EQ(
        stages, (std::vector<Stage>{
                    Stage::completed, Stage::rewriting, Stage::access, Stage::alias, Stage::user,
                    Stage::access, Stage::destination, Stage::answers})
    );
}

class AliasTest : public RecipientTest {
protected:
    AliasTest()
        : RecipientTest(
              {{"aliases",
                "postmaster: adam\n"
                "team: adam, eve, carol@far.example, nobody\n"
                "loop1: loop2\nloop2: loop1\n"
                "amy: amy, archive@far.example\n"
                "ghosts: nobody1, nobody2\n"}}
          ) {}
};

TEST_F(AliasTest, MembersGoToTheirChannelsAndUnknownOnesAreReported) {
    const auto decision = decide("team@example.com");
    ASSERT_FALSE(decision.refusal);
    std::vector<std::string> found;
    for (const Destination& d : decision.destinations) found.push_back(d.channel + ' ' + d.address);
    EXPECT_EQ(
        found,
        (std::vector<std::string>{
            "l adam", "l eve", "tcp_local carol@far.example", "reprocess nobody@mail.example.com"})
    );
    EXPECT_EQ(decision.destinations[3].settled->status, (StatusCode{5, 1, 1}));
    EXPECT_EQ(decision.rewritten, "team@example.com");
}

TEST_F(AliasTest, LoopIsRefused) {
    EXPECT_EQ(
        refusal("loop1@example.com"), "550 5.4.6 alias expansion loop detected: loop1@example.com"
    );
}

TEST_F(AliasTest, AliasWithoutAnyReachableMemberIsRefused) {
    EXPECT_EQ(
        refusal("ghosts@example.com"), "550 5.1.1 unknown or illegal alias: ghosts@example.com"
    );
}

TEST_F(AliasTest, DuplicateMembersGetOneCopy) {
    EXPECT_EQ(decide("postmaster@example.com").destinations.size(), 1U);
}

class BusyMemberTest : public RecipientTest {
protected:
    BusyMemberTest()
        : RecipientTest(
              {{"aliases", "postmaster: adam\nteam: adam, eve, u1\n"},
               {"mappings", "SEND_ACCESS\n\n  *|*|l|eve@*  $N$X4.3.0|try$ again\n"}}
          ) {}
};

TEST_F(BusyMemberTest, MemberThatMayBeReachedLaterDefersTheWholeAddress) {
    EXPECT_EQ(refusal("team@example.com"), "450 4.3.0 try again: team@example.com");
}

class AccessTest : public RecipientTest {
protected:
    AccessTest()
        : RecipientTest(
              {{"mappings",
                "INTERNAL_IP\n\n  $(127.0.0.1/32)  $Y\n\n"
                "SEND_ACCESS\n\n"
                "  *|*|l|eve@*     $N$X4.2.1|eve$ is$ away\n"
                "  *|*|l|u1@*      $B\n"
                "  *|*|l|u2@*      $H\n"}}
          ) {}
};

TEST_F(AccessTest, VerdictsOfTheTableAreCarriedOut) {
    EXPECT_EQ(refusal("eve@example.com"), "450 4.2.1 eve is away: eve@example.com");
    EXPECT_EQ(decide("u1@example.com").destinations.at(0).channel, "bitbucket");
    const auto held = decide("u2@example.com");
    EXPECT_EQ(held.destinations.at(0).channel, "l");
    EXPECT_EQ(held.destinations.at(0).hold_reason, "mapping");
    EXPECT_EQ(decide("u3@example.com").destinations.at(0).hold_reason, "");
}

class EffectsTest : public RecipientTest {
protected:
    EffectsTest()
        : RecipientTest(
              {{"option.dat", "INCLUDE_CONVERSIONTAG=16\nACCESS_COUNTS=4\n"},
               {"aliases", "pair: adam, eve\n"},
               {"mappings",
                "ORIG_SEND_ACCESS\n\n"
                "  process|*|l|adam@*           $NNot$ from$ there\n"
                "  *                            $Y$AX-One:$ 1|$Gone\n\n"
                "SEND_ACCESS\n\n"
                "  *|l|adam@*|0/3/|old,one      $Y$Gtwo,OLD\n"
                "  *|l|eve@*|0/3/|old,one       $Y$V\n"
                "  *                            $NTags:$ $0\n"}}
          ) {}
};

TEST_F(EffectsTest, TagsCountsAndChangesOfTheMessageAreHandedOn) {
    RecipientProbe probe;
    probe.source = site_->imta.channels.find("tcp_local");
    probe.address = "pair@example.com";
    probe.conversion_tags = {"old"};
    probe.total_recipient_count = 3;
    mapping::NoAnswers answers;
    const auto decision = decide_recipient(*site_, probe, answers);
    ASSERT_FALSE(decision.refusal) << decision.refusal->to_string();
    ASSERT_EQ(decision.destinations.size(), 2U);
    EXPECT_EQ(decision.destinations[0].conversion_tags, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(decision.destinations[0].channel, "l");
    EXPECT_EQ(decision.destinations[1].conversion_tags, std::vector<std::string>{"one"});
    EXPECT_EQ(decision.destinations[1].channel, "bitbucket");
    EXPECT_TRUE(decision.effects.discard_all);
    ASSERT_EQ(decision.effects.header_edits.size(), 1U);
    EXPECT_EQ(decision.effects.header_edits[0].name, "X-One");
}

TEST_F(EffectsTest, TablesMaySeeAnotherSourceChannelThanRewriting) {
    RecipientProbe probe;
    probe.source = site_->imta.channels.find("tcp_local");
    probe.access_source = "process";
    probe.address = "adam@example.com";
    mapping::NoAnswers answers;
    const auto decision = decide_recipient(*site_, probe, answers);
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(decision.refusal->to_string(), "550 5.7.1 Not from there: adam@example.com");
}

TEST(EmptyHost, AddressThatARuleLeavesWithoutAHostIsRefused) {
    std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
    text.insert(text.find("\nexample.com ") + 1, "nohost.example  $U%@tcp_local-daemon\n");
    const auto site = test::make_site({{"imta.cnf", text}});
    RecipientProbe probe;
    probe.source = site->imta.channels.find("tcp_intranet");
    probe.address = "carol@nohost.example";
    mapping::NoAnswers answers;
    const auto decision = decide_recipient(*site, probe, answers);
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(
        decision.refusal->to_string(), "550 5.1.2 unknown host or domain: carol@nohost.example"
    );
    SenderProbe sender;
    sender.source = probe.source;
    sender.address = probe.address;
    EXPECT_EQ(decide_sender(*site, sender, answers).address, "carol@nohost.example");
}

TEST_F(RecipientTest, HoldChannelKeepsItsMessagesHeld) {
    EXPECT_EQ(decide("x@hold", "tcp_intranet").destinations.at(0).hold_reason, "status");
}

TEST_F(RecipientTest, SenderIsRewrittenAndTheNullSenderStaysNull) {
    SenderProbe probe;
    probe.source = site_->imta.channels.find("tcp_local");
    mapping::NoAnswers answers;
    EXPECT_EQ(decide_sender(*site_, probe, answers).address, "");
    probe.address = "harold";
    EXPECT_EQ(decide_sender(*site_, probe, answers).address, "harold@mail.example.com");
}

// What access tables and lists are asked about; the copies are reversed for their own channels.
TEST(ReversedSender, IsWhatAccessTablesKnow) {
    const auto site = test::make_site(
        {{"mappings",
          "REVERSE\n\n  *@*.corp.example  $Y$0@corp.example\n\n"
          "FROM_ACCESS\n\n  *|amy@corp.example|  $NNot$ you\n"}}
    );
    SenderProbe probe;
    probe.source = site->imta.channels.find("tcp_local");
    probe.address = "amy@pc1.corp.example";
    mapping::NoAnswers answers;
    const SenderDecision decision = decide_sender(*site, probe, answers);
    EXPECT_EQ(decision.address, "amy@corp.example");
    EXPECT_EQ(decision.completed, "amy@pc1.corp.example");
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(decision.refusal->text, "Not you: amy@pc1.corp.example");
}

class NullSenderTest : public RecipientTest {
protected:
    NullSenderTest()
        : RecipientTest(
              {{"imta.cnf",
                "example.com $U@mail.example.com\nplain.example $U%$D@tcp_plain-daemon\n"
                "old.example $U%$D@tcp_old-daemon\n\n"
                "l\nmail.example.com\n\ntcp_local smtp\ntcp_local-daemon\n\n"
                "tcp_plain smtp\ntcp_plain-daemon\n\n"
                "tcp_old smtp returnenvelope 3 returnaddress pm@example.com\ntcp_old-daemon\n\n"
                "process\nprocess-daemon\n"}}
          ) {}

    std::string sender_of_copy(const std::string& address, const std::string& sender) {
        RecipientProbe probe;
        probe.source = site_->imta.channels.find("process");
        probe.sender = sender;
        probe.address = address;
        mapping::NoAnswers answers;
        const auto decision = decide_recipient(*site_, probe, answers);
        EXPECT_EQ(decision.destinations.size(), 1U);
        if (decision.destinations.empty()) return "nowhere";
        return decision.destinations[0].envelope_from.value_or("as it is");
    }
};

// For hosts that refuse mail without a sender.
TEST_F(NullSenderTest, IsFilledInForChannelsThatAskForIt) {
    EXPECT_EQ(sender_of_copy("bob@old.example", ""), "pm@example.com");
    EXPECT_EQ(sender_of_copy("bob@old.example", "amy@siroe.edu"), "as it is");
    EXPECT_EQ(sender_of_copy("bob@plain.example", ""), "as it is");
}

}  // namespace
}  // namespace sluice::policy
