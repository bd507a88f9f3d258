#include "access/access.h"

#include <gtest/gtest.h>

#include "access/port_decision.h"
#include "support/mapping_examples.h"

namespace sluice::access {
namespace {

PortInfo connection(const char* client, std::uint16_t server_port = 25) {
    return {{*IpAddress::parse("192.0.2.1"), server_port}, {*IpAddress::parse(client), 40000}};
}

/// The small site of the examples.
class SmallSite : public testing::Test {
protected:
    static std::string port(const PortInfo& info) {
        return check_port(context(), info, PortPhase::session_start).to_debug_string();
    }
    static Context context(mapping::Trace* trace = nullptr) {
        static const mapping::TableSet tables = test::load_example("access-relay");
        static const Options options;
        static mapping::NoAnswers answers;
        return {tables, options, answers, trace};
    }
    static Session session(const char* client, const char* helo) {
        Session result;
        result.port = connection(client);
        result.app = {AppInfo::Protocol::smtp, helo, ""};
        return result;
    }
    static Recipient recipient(const char* channel, const char* address) {
        Recipient to;
        to.destination_channel = channel;
        to.address = to.given = address;
        return to;
    }
};

TEST_F(SmallSite, DecidesOnConnections) {
    EXPECT_EQ(port(connection("192.0.2.50")), "permit [-]");
    EXPECT_EQ(port(connection("203.0.113.66")), "refuse 500 Go away [close]");
    EXPECT_EQ(
        port(connection("198.51.100.20")),
        "refuse 554 5.7.1 No service for 198.51.100.20 [close transport-record]"
    );
    EXPECT_EQ(port(connection("198.51.100.20", 587)), "permit [ruleset=EXTERNAL]");
    EXPECT_EQ(port(connection("2001:db8:5:1::9")), "permit [-]");
}

TEST(PortDecision, OnlyAnEntryThatSpeaksItsLastWordExemptsFromDnsLists) {
    const mapping::TableSet tables = test::load_text(
        "PORT_ACCESS\n\n"
        "  *|*|*|*|*               $C$|INTERNAL_IP;$3|$Y$E\n"
        "  TCP|*|*|203.0.113.7|*   $Y$VDEFAULT\n"
        "  TCP|*|*|203.0.113.8|*   $N$V\n\n"
        "INTERNAL_IP\n\n  192.0.2.50  $Y\n  *  $N\n"
    );
    const Options options;
    mapping::NoAnswers answers;
    const auto decide = [&](const char* client) {
        const Context context{tables, options, answers, nullptr};
        return decide_port(context, connection(client), PortPhase::accept);
    };
    EXPECT_TRUE(decide("192.0.2.50").is_by_an_entry);
    EXPECT_FALSE(decide("203.0.113.1").is_by_an_entry) << "the first entry fits, and fails";
    EXPECT_FALSE(decide("203.0.113.1").private_commands);
    EXPECT_TRUE(decide("203.0.113.7").is_by_an_entry);
    EXPECT_TRUE(decide("203.0.113.7").private_commands);
    EXPECT_TRUE(decide("203.0.113.8").is_by_an_entry);
    EXPECT_TRUE(decide("203.0.113.8").verdict.refused());
    EXPECT_FALSE(decide("203.0.113.8").private_commands);
}

TEST_F(SmallSite, DecidesOnSenders) {
    const Sender invalid{"tcp_local", "joe@invalid", "", "MAIL", "joe@invalid"};
    const auto refused = check_from(context(), session("198.18.0.9", "mx.example"), invalid);
    EXPECT_EQ(refused.to_debug_string(), "refuse 550 5.7.1 No such domain: joe@invalid [-]");
    EXPECT_EQ(refused.table, "FROM_ACCESS");
    EXPECT_EQ(refused.decided_by.line, 27U);

    const Sender forged{"tcp_auth", "evil@x.example", "amy@example.com", "MAIL", "evil@x.example"};
    EXPECT_EQ(
        check_from(context(), session("198.18.0.9", "pc"), forged).to_debug_string(),
        "permit [from=amy@example.com sender=amy@example.com]"
    );
}

TEST_F(SmallSite, RefusesToRelayAndSaysWhichEntrySaidSo) {
    const Sender stranger{"tcp_local", "a@b.example", "", "MAIL", "a@b.example"};
    mapping::Trace trace;
    const auto verdict = check_recipient(
        context(&trace), RecipientPhase::original, session("198.18.0.9", "mx"), stranger,
        recipient("tcp_local", "c@d.example")
    );
    EXPECT_EQ(
        verdict.to_debug_string(), "refuse 550 5.7.1 Relaying not permitted: c@d.example [-]"
    );
    EXPECT_EQ(verdict.table, "ORIG_SEND_ACCESS");
    EXPECT_EQ(verdict.decided_by.line, 20U);
    // A refusal is final, the next table is not asked.
    for (const auto& step : trace.steps()) EXPECT_EQ(step.table, "ORIG_SEND_ACCESS");
    EXPECT_FALSE(trace.steps().empty());
}

TEST_F(SmallSite, AsksTheSecondTableToo) {
    const Sender stranger{"tcp_local", "x@y.example", "", "MAIL", "x@y.example"};
    const auto bob = recipient("l", "bob@example.com");
    EXPECT_EQ(
        check_recipient(
            context(), RecipientPhase::expanded, session("198.18.0.9", "friend"), stranger, bob
        )
            .to_debug_string(),
        "refuse 550 5.7.1 That is not your name: bob@example.com [-]"
    );
    const auto open = check_recipient(
        context(), RecipientPhase::expanded, session("198.18.0.9", "mx"), stranger, bob
    );
    EXPECT_EQ(open.to_debug_string(), "permit [-]");
    EXPECT_FALSE(open.matched);
}

TEST_F(SmallSite, HoldsAndDelays) {
    const Sender inside{"tcp_intranet", "x@y", "", "MAIL", "x@y"};
    EXPECT_EQ(
        check_recipient(
            context(), RecipientPhase::original, {}, inside, recipient("hold", "bob@example.com")
        )
            .to_debug_string(),
        "permit [hold]"
    );
    const Sender bulk{"l", "bulk@x.example", "", "MAIL", "bulk@x.example"};
    EXPECT_EQ(
        check_recipient(
            context(), RecipientPhase::original, {}, bulk, recipient("tcp_local", "c@d.example")
        )
            .to_debug_string(),
        "refuse 550 5.7.1 No bulk mail: c@d.example [delay=500,this]"
    );
}

TEST(Access, TablesThatDoNotExistPermit) {
    const mapping::TableSet none;
    const Options options;
    mapping::NoAnswers answers;
    const Context context{none, options, answers};
    const auto verdict = check_port(context, connection("203.0.113.1"), PortPhase::accept);
    EXPECT_EQ(verdict.to_debug_string(), "permit [-]");
    EXPECT_FALSE(verdict.matched);
    EXPECT_FALSE(check_recipient(context, RecipientPhase::original, {}, {}, {}).refused());
}

TEST(Access, OnlyTheDispatcherSetsTheAcceptFlag) {
    const auto tables =
        test::load_text("PORT_ACCESS\n\n  *  $C$:A$N421$ Later$E\n  *  $YEXTERNAL\n");
    const Options options;
    mapping::NoAnswers answers;
    const Context context{tables, options, answers};
    const auto info = connection("203.0.113.1");
    EXPECT_TRUE(check_port(context, info, PortPhase::accept).refused());
    EXPECT_EQ(check_port(context, info, PortPhase::session_start).rule_set, "EXTERNAL");
}

/// Has no answer the first time.
class SlowAnswers final : public mapping::Answers {
public:
    mapping::Answer ask(const mapping::Question&) override {
        if (asked_++ == 0) return mapping::Answer::wait();
        return mapping::Answer::literal("$NListed");
    }

private:
    int asked_ = 0;
};

TEST(Access, WaitsForAnswersWithoutDeciding) {
    const auto tables = test::load_text("ORIG_SEND_ACCESS\n\n  *  $C${$0}$E\n");
    const Options options;
    SlowAnswers answers;
    const Context context{tables, options, answers};
    Recipient to;
    to.given = "bob@example.com";
    EXPECT_TRUE(check_recipient(context, RecipientPhase::original, {}, {}, to).pending);
    EXPECT_EQ(
        check_recipient(context, RecipientPhase::original, {}, {}, to).to_debug_string(),
        "refuse 550 5.7.1 Listed: bob@example.com [-]"
    );
}

}  // namespace
}  // namespace sluice::access
