#include "milter/client_session.h"

#include <gtest/gtest.h>

namespace sluice::milter {
namespace {

using namespace std::string_literals;
using Kind = Verdict::Kind;

struct StringSink final : BodySink {
    bool append(std::string_view octets) override {
        text += octets;
        return !full;
    }
    std::string text;
    bool full = false;
};

/// Scripts a filter: what the session says is shown as text, answers are given by letter.
class MilterDialog : public testing::Test {
protected:
    /// Packets since the last call: "C(host 4..)" without macros unless `show_macros`.
    std::string said() {
        PacketReader reader;
        reader.feed(session.take_output());
        std::string out;
        while (const auto packet = reader.next()) {
            if (packet->code == 'D' && !show_macros) continue;
            std::string data(packet->data);
            for (char& c : data) {
                if (c == '\0') c = '|';
            }
            if (packet->code == 'O') data.clear();
            out += (out.empty() ? "" : " ") + std::string(1, packet->code) + '(' + data + ')';
        }
        return out;
    }
    void answer(char code, const std::string& data = {}) {
        std::string octets;
        append_packet(octets, code, data);
        session.feed(octets);
    }
    void agree(std::uint32_t steps = 0, std::uint32_t version = 6, const std::string& rest = {}) {
        std::string data;
        append_uint32(data, version);
        append_uint32(data, action::all);
        append_uint32(data, steps);
        answer('O', data + rest);
    }
    void connect() { session.connect("mx.example", IpAddress::parse("192.0.2.1"), 0x1234, {}); }
    /// Up to where MAIL was let through.
    void open_message(std::uint32_t steps = 0) {
        connect();
        agree(steps | step::silent_connect);
        session.mail("<a@b>", {}, {});
        if ((steps & (step::no_mail | step::silent_mail)) == 0) answer('c');
        said();
        ASSERT_TRUE(session.is_settled());
    }

    ClientSession session;
    StringSink sink;
    bool show_macros = false;
};

TEST_F(MilterDialog, NegotiatesBeforeTheFirstCommand) {
    connect();
    EXPECT_EQ(said(), "O()");
    agree();
    EXPECT_EQ(
        said(),
        "C(mx.example|4\x12\x34"
        "192.0.2.1|)"
    );
    EXPECT_FALSE(session.is_settled());
    answer('c');
    EXPECT_TRUE(session.is_settled());
    EXPECT_EQ(session.verdict().kind, Kind::proceed);
}

TEST_F(MilterDialog, CommandsWaitForTheAnswersBefore) {
    connect();
    session.helo("client", {});
    agree();
    said();
    answer('c');
    EXPECT_EQ(said(), "H(client|)");
    answer('c');
    EXPECT_TRUE(session.is_settled());
}

TEST_F(MilterDialog, UnknownPeerHasNoAddress) {
    session.connect("localhost", std::nullopt, 0, {});
    agree();
    EXPECT_EQ(said(), "O() C(localhost|U)");
}

TEST_F(MilterDialog, MacrosGoBeforeTheirCommand) {
    show_macros = true;
    Macros macros;
    macros.set("j", "mta.example");
    macros.set("{daemon_name}", "tcp_local");
    session.connect("h", std::nullopt, 0, macros);
    agree();
    EXPECT_EQ(said(), "O() D(Cj|mta.example|{daemon_name}|tcp_local|) C(h|U)");
}

TEST_F(MilterDialog, FilterChoosesMacros) {
    show_macros = true;
    Macros macros;
    macros.set("j", "mta.example");
    macros.set("v", "1");
    session.connect("h", std::nullopt, 0, macros);
    agree(0, 6, "\0\0\0\0v\0"s);
    EXPECT_EQ(said(), "O() D(Cv|1|) C(h|U)");
}

TEST_F(MilterDialog, LeavesOutWhatTheFilterDoesNotWant) {
    connect();
    agree(step::no_connect | step::no_helo | step::no_data | step::no_headers);
    session.helo("h", {});
    session.mail("<a@b>", {"SIZE=1"}, {});
    EXPECT_EQ(said(), "O() M(<a@b>|SIZE=1|)");
    answer('c');
    session.data({});
    session.header("From", " a@b");
    session.end_of_header({});
    EXPECT_FALSE(session.wants_headers());
    EXPECT_EQ(said(), "N()");
}

TEST_F(MilterDialog, DoesNotWaitWhereTheFilterIsSilent) {
    open_message(step::silent_rcpt | step::silent_header | step::silent_body);
    session.rcpt("<c@d>", {}, {});
    EXPECT_TRUE(session.is_settled());
    session.header("A", " b");
    session.header("C", " d");
    session.body("x");
    EXPECT_TRUE(session.is_settled());
    EXPECT_EQ(said(), "R(<c@d>|) L(A|b|) L(C|d|) B(x)");
}

TEST_F(MilterDialog, LeadingBlankOfValuesIsNegotiated) {
    open_message(step::leading_blank);
    session.header("A", " b\r\n\tc");
    EXPECT_EQ(said(), "L(A| b\n\tc|)");
    answer('c');
}

TEST_F(MilterDialog, OldFiltersGetNoNewCommands) {
    connect();
    agree(0, 2);
    answer('c');
    session.mail("<a@b>", {}, {});
    answer('c');
    said();
    session.data({});
    session.unknown("XYZZY");
    EXPECT_EQ(said(), "");
    EXPECT_TRUE(session.is_settled());
}

TEST_F(MilterDialog, RefusedRecipientsAreShownToThoseWhoAsk) {
    connect();
    agree(0);
    answer('c');
    EXPECT_FALSE(session.wants_refused_recipients());
    session = ClientSession();
    connect();
    agree(step::rejected_rcpt);
    answer('c');
    EXPECT_TRUE(session.wants_refused_recipients());
    session.mail("<a@b>", {}, {});
    answer('a');
    EXPECT_FALSE(session.wants_refused_recipients());
}

TEST_F(MilterDialog, RefusalOfAnUnknownCommandIsNotKept) {
    connect();
    agree(0);
    answer('c');
    session.mail("<a@b>", {}, {});
    answer('c');
    said();
    session.unknown("XYZZY plugh");
    EXPECT_EQ(said(), "U(XYZZY plugh|)");
    answer('r');
    EXPECT_EQ(session.verdict().kind, Kind::proceed);
    session.rcpt("<c@d>", {}, {});
    EXPECT_EQ(said(), "R(<c@d>|)");
}

TEST_F(MilterDialog, ChunkSizeIsNegotiated) {
    EXPECT_EQ(session.chunk_size(), chunk_64k);
    open_message(step::chunk_1m);
    EXPECT_EQ(session.chunk_size(), chunk_1m);
}

TEST_F(MilterDialog, RefusedRecipientIsAlone) {
    open_message();
    session.rcpt("<c@d>", {}, {});
    answer('y', "550 5.1.1 no such user\0"s);
    EXPECT_EQ(to_debug_string(session.verdict()), "reject 550 5.1.1 no such user");
    session.rcpt("<e@f>", {}, {});
    answer('t');
    EXPECT_EQ(session.verdict().kind, Kind::tempfail);
    session.rcpt("<g@h>", {}, {});
    answer('c');
    EXPECT_EQ(session.verdict().kind, Kind::proceed);
    EXPECT_TRUE(session.wants_message());
}

TEST_F(MilterDialog, AcceptedMessageIsNotShownAnyMore) {
    open_message();
    session.rcpt("<c@d>", {}, {});
    answer('a');
    said();
    session.data({});
    session.header("A", " b");
    session.end_of_message({}, sink);
    EXPECT_EQ(said(), "");
    EXPECT_EQ(session.verdict().kind, Kind::accept);
    session.mail("<next@b>", {}, {});
    EXPECT_EQ(said(), "M(<next@b>|)");
}

TEST_F(MilterDialog, AcceptedConnectionIsNotShownAnyMore) {
    connect();
    agree();
    answer('a');
    said();
    session.mail("<a@b>", {}, {});
    EXPECT_EQ(said(), "");
    EXPECT_EQ(session.verdict().kind, Kind::accept);
}

TEST_F(MilterDialog, RefusedConnectionStaysRefused) {
    connect();
    agree();
    answer('r');
    session.mail("<a@b>", {}, {});
    EXPECT_TRUE(session.is_settled());
    EXPECT_EQ(session.verdict().kind, Kind::reject);
}

TEST_F(MilterDialog, RefusedHeloEndsWithTheNextMail) {
    connect();
    agree(step::silent_connect);
    session.helo("h", {});
    answer('r');
    EXPECT_EQ(session.verdict().kind, Kind::reject);
    said();
    session.mail("<a@b>", {}, {});
    EXPECT_EQ(said(), "M(<a@b>|)");
}

TEST_F(MilterDialog, SkipEndsTheBodyNotTheMessage) {
    open_message();
    session.body("one");
    answer('s');
    EXPECT_FALSE(session.wants_body());
    said();
    session.body("two");
    session.end_of_message({}, sink);
    EXPECT_EQ(said(), "E()");
    EXPECT_TRUE(session.awaits_end_of_message());
}

TEST_F(MilterDialog, ChangesComeAtTheEnd) {
    open_message();
    session.end_of_message({}, sink);
    answer('p');
    answer('h', "A\0b\0"s);
    answer('b', "new ");
    answer('b', "body\r\n");
    answer('q', "odd\0"s);
    EXPECT_FALSE(session.is_settled());
    answer('c');
    EXPECT_TRUE(session.is_settled());
    EXPECT_EQ(session.changes(), (Changes{AddHeader{"A", "b"}, Quarantine{"odd"}}));
    EXPECT_TRUE(session.has_new_body());
    EXPECT_EQ(sink.text, "new body\r\n");
    session.mail("<a@b>", {}, {});
    EXPECT_TRUE(session.changes().empty()) << "the next message has its own";
}

TEST_F(MilterDialog, AbortForgetsTheMessageOnBothSides) {
    open_message();
    session.rcpt("<c@d>", {}, {});
    answer('r');
    said();
    session.abort();
    EXPECT_EQ(said(), "A()");
    EXPECT_EQ(session.verdict().kind, Kind::proceed);
    session.abort();
    EXPECT_EQ(said(), "") << "there is nothing to forget";
}

TEST_F(MilterDialog, AbortOfAFilterAtWorkIsTheEndOfIt) {
    open_message();
    session.rcpt("<c@d>", {}, {});
    session.abort();
    EXPECT_TRUE(session.is_failed()) << "its answer would be taken for that to something else";
}

TEST_F(MilterDialog, EndedMessageNeedsNoAbort) {
    open_message();
    session.end_of_message({}, sink);
    answer('c');
    said();
    session.abort();
    EXPECT_EQ(said(), "");
}

TEST_F(MilterDialog, QuitAndQuitForTheNextConnection) {
    open_message();
    session.abort();
    said();
    session.quit_new_connection();
    EXPECT_EQ(said(), "K()");
    session.connect("other.example", std::nullopt, 0, {});
    EXPECT_EQ(said(), "C(other.example|U)") << "what was agreed on stays";
    session.quit();
    EXPECT_EQ(said(), "Q()");
}

struct Nonsense {
    const char* what;
    char code;
    std::string data;
};

class FilterNonsense : public MilterDialog, public testing::WithParamInterface<Nonsense> {};

TEST_P(FilterNonsense, IsAFailure) {
    open_message();
    session.end_of_message({}, sink);
    answer(GetParam().code, GetParam().data);
    EXPECT_TRUE(session.is_failed());
    EXPECT_TRUE(session.is_settled());
    EXPECT_EQ(session.verdict().kind, Kind::failure);
    EXPECT_FALSE(session.verdict().reason.empty());
    session.mail("<a@b>", {}, {});
    EXPECT_FALSE(session.has_output());
}

INSTANTIATE_TEST_SUITE_P(
    Packets,
    FilterNonsense,
    testing::Values(
        Nonsense{"unknown packet", 'Z', ""},
        Nonsense{"second negotiation", 'O', std::string(12, '\0')},
        Nonsense{"positive reply", 'y', "250 ok"},
        Nonsense{"header without a name", 'h', ""},
        Nonsense{"connection failure", 'f', ""},
        Nonsense{"shutdown", '4', ""}
    ),
    [](const auto& row) {
        std::string name = row.param.what;
        for (char& c : name) {
            if (c == ' ') c = '_';
        }
        return name;
    }
);

TEST_F(MilterDialog, ChangesBeforeTheEndAreAFailure) {
    open_message();
    session.rcpt("<c@d>", {}, {});
    answer('h', "A\0b\0"s);
    EXPECT_TRUE(session.is_failed());
}

TEST_F(MilterDialog, UnaskedWordsAreAFailure) {
    open_message();
    answer('c');
    EXPECT_TRUE(session.is_failed());
}

TEST_F(MilterDialog, UnusableAgreementsAreAFailure) {
    for (const std::uint32_t version : {0U, 1U, 7U}) {
        session = ClientSession();
        connect();
        agree(0, version);
        EXPECT_TRUE(session.is_failed()) << version;
    }
    session = ClientSession();
    connect();
    agree(0x200000);  // no step has it
    EXPECT_TRUE(session.is_failed());
    session = ClientSession();
    connect();
    answer('c');
    EXPECT_TRUE(session.is_failed());
}

TEST_F(MilterDialog, EndlessChangesAreAFailure) {
    open_message();
    session.end_of_message({}, sink);
    for (std::size_t i = 0; i <= change_limit && !session.is_failed(); ++i) answer('h', "A\0b\0"s);
    EXPECT_TRUE(session.is_failed());
}

TEST_F(MilterDialog, BodyThatCannotBeKeptIsAFailure) {
    open_message();
    sink.full = true;
    session.end_of_message({}, sink);
    answer('b', "x");
    EXPECT_TRUE(session.is_failed());
}

TEST_F(MilterDialog, WhatTheShellCannotReachHasFailed) {
    connect();
    session.fail("connection refused");
    EXPECT_TRUE(session.is_settled());
    EXPECT_EQ(to_debug_string(session.verdict()), "failure: connection refused");
    session.quit();
    EXPECT_FALSE(session.has_output());
}

}  // namespace
}  // namespace sluice::milter
