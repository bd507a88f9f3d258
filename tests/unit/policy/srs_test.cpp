// The Sender Rewriting Scheme through decide_recipient() and outgoing_address(), and keywords of
// the source channel that say which recipients are taken.
#include <gmock/gmock.h>

#include "policy/outgoing_address.h"
#include "policy/recipient.h"
#include "support/site.h"

namespace sluice::policy {
namespace {

using testing::StartsWith;

/// Knows the date and nothing else.
class Calendar final : public mapping::Answers {
public:
    std::optional<int> day = 215;

    mapping::Answer ask(const mapping::Question& question) override {
        if (question.kind != mapping::Question::Kind::day_number) return mapping::Answer::none();
        return day ? mapping::Answer::literal(std::to_string(*day)) : mapping::Answer::temporary();
    }
};

class SrsTest : public testing::Test {
protected:
    void load(const std::string& options = "SRS_DOMAIN=srs.example.com\nSRS_SECRETS=tops3cret\n") {
        site_ = test::make_site(
            {{"imta.cnf",
              "srs.example.com $U%$D@mail.example.com\n"
              "mail.example.com $U@mail.example.com\n"
              "inside.example $U%$D@tcp_inside-daemon\n"
              "plain.example $0U@mail.example.com\n"
              ". $U%$H@tcp_local-daemon\n\n"
              "l\nmail.example.com\n\n"
              "tcp_local smtp sourcesrs destinationsrs addresssrs\ntcp_local-daemon\n\n"
              "tcp_inside smtp\ntcp_inside-daemon\n\n"
              "tcp_all smtp acceptalladdresses\ntcp_all-daemon\n\n"
              "process\nprocess-daemon\n\nreprocess\nreprocess-daemon\n\n"
              "hold\nhold-daemon\n\nbitbucket\nbitbucket-daemon\n"},
             {"mappings",
              "ORIG_SEND_ACCESS\n\n  tcp_local|*|tcp_local|*  $NNo$ relaying\n"
              "  *|*|*|blocked@*  $NGo$ away\n"},
             {"option.dat", options}}
        );
        ASSERT_TRUE(site_);
    }
    const channel::Channel& channel(const char* name) { return *site_->imta.channels.find(name); }
    std::string sender(
        const std::string& address,
        const char* source = "tcp_local",
        const char* destination = "tcp_local"
    ) {
        const CopyContext copy{*site_, channel(source), channel(destination), {}, calendar_};
        const auto out = outgoing_address(copy, AddressKind::envelope_from, address);
        return out ? *out : out.error().text();
    }
    RecipientDecision decide(const std::string& address, const char* source = "tcp_local") {
        RecipientProbe probe;
        probe.source = &channel(source);
        probe.address = address;
        return decide_recipient(*site_, probe, calendar_);
    }
    std::string shown(const std::string& address, const char* source = "tcp_local") {
        const auto decision = decide(address, source);
        if (decision.refusal) return decision.refusal->to_string();
        std::string out;
        for (const Destination& one : decision.destinations) {
            out += (out.empty() ? "" : " ") + one.address + '>' + one.channel;
            if (one.settled) out += '!' + one.settled->status.to_string();
        }
        return out;
    }

    config::ConfigurationPtr site_;
    Calendar calendar_;
};

const std::string amy_wrapped = "SRS0=TFAi=GX=far.example=Amy@srs.example.com";

TEST_F(SrsTest, SenderIsWrappedWhereAllThreeChannelsAgree) {
    load();
    EXPECT_EQ(sender("Amy@far.example"), amy_wrapped);
    EXPECT_EQ(sender("Amy@far.example", "tcp_inside"), "Amy@far.example");
    EXPECT_EQ(sender("Amy@far.example", "tcp_local", "tcp_inside"), "Amy@far.example");
    EXPECT_EQ(sender("amy@inside.example"), "amy@inside.example");
    EXPECT_EQ(sender("adam@mail.example.com"), "adam@mail.example.com");
    EXPECT_EQ(sender(""), "");
    EXPECT_EQ(sender(amy_wrapped), amy_wrapped);
}

TEST_F(SrsTest, HeaderAddressesAreNot) {
    load();
    const CopyContext copy{*site_, channel("tcp_local"), channel("tcp_local"), {}, calendar_};
    EXPECT_EQ(
        outgoing_address(copy, AddressKind::header_backward, "Amy@far.example").value(),
        "Amy@far.example"
    );
}

TEST_F(SrsTest, WithoutDomainOrSecretNothingIsWrapped) {
    load("SRS_DOMAIN=srs.example.com\n");
    EXPECT_EQ(sender("Amy@far.example"), "Amy@far.example");
    load("SRS_SECRETS=tops3cret\n");
    EXPECT_EQ(sender("Amy@far.example"), "Amy@far.example");
    EXPECT_THAT(shown(amy_wrapped), StartsWith("550 5.1.1 "));
}

// Relaying is not allowed, and yet a notification finds its way back.
TEST_F(SrsTest, NotificationFindsTheSender) {
    load();
    EXPECT_EQ(shown("Amy@far.example"), "550 5.7.1 No relaying: Amy@far.example");
    EXPECT_EQ(shown(amy_wrapped), "Amy@far.example>tcp_local");
    const auto decision = decide(amy_wrapped);
    EXPECT_EQ(decision.rewritten, amy_wrapped);
    EXPECT_EQ(decision.destinations.at(0).host, "far.example");
}

TEST_F(SrsTest, ForgedAndOldAddressesAreRefusedWithTheirTexts) {
    load();
    const std::string forged = "SRS0=TFAi=GX=far.example=eve@srs.example.com";
    EXPECT_EQ(shown(forged), "550 5.7.1 SRS/MUL address has a bad hash value: " + forged);
    calendar_.day = 300;
    EXPECT_EQ(shown(amy_wrapped), "550 5.7.1 SRS/MUL address has timed out: " + amy_wrapped);
    load(
        "SRS_DOMAIN=srs.example.com\nSRS_SECRETS=new,tops3cret\nSRS_MAXAGE=100\n"
        "ERROR_TEXT_SRS_BADHASH=no such address\n"
    );
    EXPECT_EQ(shown(amy_wrapped), "Amy@far.example>tcp_local");
    EXPECT_EQ(shown(forged), "550 5.7.1 no such address: " + forged);
    EXPECT_THAT(shown("joe@srs.example.com"), StartsWith("550 5.1.1 "));
}

TEST_F(SrsTest, WithoutADateItWaits) {
    load();
    calendar_.day.reset();
    EXPECT_EQ(sender("Amy@far.example"), "temporary look-up failure");
    EXPECT_THAT(shown(amy_wrapped), StartsWith("450 4.4.3 "));
}

// --- acceptalladdresses ---

TEST_F(SrsTest, ChannelThatAcceptsAllReportsInsteadOfRefusing) {
    load();
    EXPECT_EQ(
        shown("nobody@mail.example.com", "tcp_all"), "nobody@mail.example.com>reprocess!5.1.1"
    );
    EXPECT_EQ(
        shown("nobody@mail.example.com"),
        "550 5.1.1 unknown or illegal alias: nobody@mail.example.com"
    );
    const auto refused = decide("blocked@mail.example.com", "tcp_all");
    ASSERT_FALSE(refused.refusal);
    ASSERT_EQ(refused.failed_members.size(), 1U);
    EXPECT_TRUE(refused.failed_members[0].by_access_table);
    EXPECT_EQ(shown("adam@mail.example.com", "tcp_all"), "adam>l");
}

TEST_F(SrsTest, AcceptingAllLeavesFailuresForTheMomentAndQuestions) {
    load();
    calendar_.day.reset();
    EXPECT_THAT(shown(amy_wrapped, "tcp_all"), StartsWith("450 4.4.3 "));
    RecipientProbe probe;
    probe.source = &channel("tcp_all");
    probe.address = "nobody@mail.example.com";
    probe.only_looking = true;
    EXPECT_TRUE(decide_recipient(*site_, probe, calendar_).refusal);
    probe.only_looking = false;
    probe.reprocessing = true;
    EXPECT_TRUE(decide_recipient(*site_, probe, calendar_).refusal);
}

// --- SUBADDRESS_CHAR ---

TEST_F(SrsTest, SubaddressCharSeparatesUserAndDetail) {
    load("SUBADDRESS_CHAR=-\n");
    EXPECT_EQ(shown("adam-lists@mail.example.com"), "adam-lists>l");
    EXPECT_THAT(shown("adam+lists@mail.example.com"), StartsWith("550 5.1.1 "));
    EXPECT_EQ(shown("eve-lists@plain.example"), "eve>l");  // $0U is without it
}

}  // namespace
}  // namespace sluice::policy
