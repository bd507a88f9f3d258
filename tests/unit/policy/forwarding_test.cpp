#include "policy/forwarding.h"

#include <gtest/gtest.h>

#include "policy/recipient.h"
#include "support/site.h"

namespace sluice::policy {
namespace {

class Database final : public mapping::Answers {
public:
    mapping::Answer ask(const mapping::Question& question) override {
        if (question.kind != mapping::Question::Kind::forward_value) return mapping::Answer::none();
        asked.push_back(question.subject);
        if (question.subject == "eve@example.com")
            return mapping::Answer::literal(" adam@example.com ");
        if (question.subject == "away@far.example")
            return mapping::Answer::literal("eve@example.com");
        if (question.subject == "circle@far.example")
            return mapping::Answer::literal("circle@near.example");
        if (question.subject == "circle@near.example")
            return mapping::Answer::literal("circle@far.example");
        if (question.subject == "broken@far.example") return mapping::Answer::temporary();
        return mapping::Answer::none();
    }
    std::vector<std::string> asked;
};

class ForwardingTest : public testing::Test {
protected:
    void load(const std::string& table, const std::string& options = {}) {
        site_ = test::make_site(
            {{"mappings", table.empty() ? "" : "FORWARD\n\n" + table}, {"option.dat", options}}
        );
    }
    /// "channel:address" of each destination, with "!" where held; else the refusal.
    std::string destinations(const std::string& address) {
        RecipientProbe probe;
        probe.source = site_->imta.channels.find("tcp_intranet");
        probe.sender = "amy@siroe.edu";
        probe.address = address;
        probe.notify_failure = true;
        const auto decision = decide_recipient(*site_, probe, database_);
        if (decision.refusal) return decision.refusal->to_string();
        std::string out;
        for (const Destination& destination : decision.destinations) {
            if (!out.empty()) out += ' ';
            out += destination.channel + ':' + destination.address;
            if (!destination.hold_reason.empty()) out += '!';
        }
        return out;
    }

    config::ConfigurationPtr site_;
    Database database_;
};

TEST_F(ForwardingTest, NothingIsAskedWithoutTableAndDatabase) {
    load("");
    EXPECT_FALSE(forwards_addresses(*site_));
    EXPECT_EQ(destinations("eve@example.com"), "l:eve");
    EXPECT_TRUE(database_.asked.empty());
}

TEST_F(ForwardingTest, TableReplacesOrRewritesAgain) {
    load(
        "  old@far.example $Ynew@other.example\n  eve@*example.com $Y$Dout@far.example\n"
        "  no@far.example $Nelse@far.example\n  plain@far.example else@far.example\n"
    );
    EXPECT_EQ(destinations("old@far.example"), "tcp_local:new@other.example");
    EXPECT_EQ(destinations("eve@example.com"), "tcp_local:out@far.example");
    EXPECT_EQ(destinations("no@far.example"), "tcp_local:no@far.example");
    EXPECT_EQ(destinations("plain@far.example"), "tcp_local:plain@far.example");
}

TEST_F(ForwardingTest, TagsOfTheFirstTablesAreInTheProbe) {
    load(
        "  given|eve@* $Yadam@example.com\n\nORIG_SEND_ACCESS\n\n  *|eve@* $Y$Ggiven\n",
        "INCLUDE_CONVERSIONTAG=4\n"
    );
    EXPECT_EQ(destinations("eve@example.com"), "l:adam");
}

TEST_F(ForwardingTest, BarsFromOutsideShiftNoFields) {
    load(
        "  *|*|\"x_y\"@far.example $Yok@far.example\n",
        "USE_FORWARD_DATABASE=16\nMAPPING_PARANOIA=_\n"
    );
    EXPECT_EQ(destinations("\"x|y\"@far.example"), "tcp_local:ok@far.example");
}

TEST_F(ForwardingTest, NewLocalNameMustExist) {
    load("  eve@* $Ynobody@example.com\n  adam@* $Yeve@example.com\n");
    EXPECT_EQ(
        destinations("eve@example.com"), "550 5.1.1 unknown or illegal alias: eve@example.com"
    );
    EXPECT_EQ(destinations("adam@example.com"), "l:eve");
}

TEST_F(ForwardingTest, DatabaseHitIsRewrittenAgain) {
    load("", "USE_FORWARD_DATABASE=1\n");
    EXPECT_EQ(destinations("eve@example.com"), "l:adam");
    EXPECT_EQ(destinations("away@far.example"), "l:adam");
}

TEST_F(ForwardingTest, FlagsSayWhetherTheDatabaseIsAsked) {
    load(
        "  a@* $Yaway@far.example\n  b@* $Y$Gaway@far.example\n  away@* $H\n"
        "  c@* $Y$D$Heve@example.com\n",
        "USE_FORWARD_DATABASE=1\n"
    );
    EXPECT_EQ(destinations("a@far.example"), "tcp_local:away@far.example");
    EXPECT_EQ(destinations("b@far.example"), "l:adam");
    EXPECT_EQ(destinations("away@far.example"), "tcp_local:away@far.example");
    EXPECT_EQ(destinations("c@far.example"), "l:eve");
}

TEST_F(ForwardingTest, TableCanHoldTheMessage) {
    load("  slow@* $I\n  eve@* $Y$I$Dadam@example.com\n");
    EXPECT_EQ(destinations("slow@far.example"), "tcp_local:slow@far.example!");
    EXPECT_EQ(destinations("eve@example.com"), "l:adam!");
}

TEST_F(ForwardingTest, CirclesEnd) {
    load("", "USE_FORWARD_DATABASE=1\nMAX_FORWARDS=5\n");
    EXPECT_EQ(
        destinations("circle@far.example"),
        "550 5.4.6 address is forwarded in a loop: circle@far.example"
    );
    EXPECT_LE(database_.asked.size(), 7U);
    load("  eve@* $Y$DEVE@example.com\n");
    EXPECT_EQ(destinations("eve@example.com"), "l:eve");
}

TEST_F(ForwardingTest, UnreadableDatabaseDefers) {
    load("", "USE_FORWARD_DATABASE=1\n");
    EXPECT_EQ(
        destinations("broken@far.example"),
        "450 4.4.3 temporary look-up failure: broken@far.example"
    );
}

TEST_F(ForwardingTest, ProbeHasTheFieldsThatOptionsAskFor) {
    load(
        "  tcp_intranet|amy@siroe.edu|tcp_local|x@far.example $:F$Yy@far.example\n",
        "USE_FORWARD_DATABASE=80\n"
    );
    EXPECT_EQ(destinations("x@far.example"), "tcp_local:y@far.example");
    load(
        "  tcp_intranet|amy@siroe.edu|tag|x@far.example $Yy@far.example\n",
        "USE_FORWARD_DATABASE=25\nINCLUDE_CONVERSIONTAG=4\n"
    );
    EXPECT_EQ(destinations("x@far.example"), "tcp_local:x@far.example");
    EXPECT_EQ(database_.asked.back(), "tcp_intranet|amy@siroe.edu|x@far.example");
}

}  // namespace
}  // namespace sluice::policy
