#include "filter/session_filters.h"

#include <gtest/gtest.h>

#include <map>

#include "filter_site.h"

namespace sluice::filter {
namespace {

using namespace std::string_literals;

/// Settles lines like a filter that answers with what `answers` says for a command, else goes on.
class SessionFiltersTest : public testing::Test {
protected:
    void make(const std::string& keywords, const std::string& options = {}) {
        site = filter_site(keywords, "", options);
        ClientFacts client;
        client.remote = Endpoint{*IpAddress::parse("192.0.2.7"), 1025};
        filters.emplace(source_plan(*site, *site->imta.channels.find("a")), client);
    }
    void run() {
        while (FilterLine* line = filters->advance()) {
            while (!line->session->is_settled()) settle(*line);
        }
    }
    void settle(FilterLine& line) {
        milter::PacketReader reader;
        reader.feed(line.session->take_output());
        while (const auto packet = reader.next()) {
            if (packet->code == 'D') {
                note_macros(packet->data.substr(1));
                continue;
            }
            seen += std::to_string(line.planned.number()) + packet->code + ' ';
            if (packet->code == fails_at) {
                fails_at = 0;
                return line.session->fail("gone");
            }
            std::string answer;
            std::string data;
            if (packet->code == 'O') {
                milter::append_uint32(data, 6);
                milter::append_uint32(data, milter::action::all);
                milter::append_uint32(data, steps);
                milter::append_packet(answer, 'O', data);
            } else {
                const bool refuses = packet->code == refuses_at;
                milter::append_packet(answer, refuses ? 'r' : 'c', {});
            }
            line.session->feed(answer);
            reader.feed(line.session->take_output());
        }
    }
    void note_macros(std::string_view data) {
        milter::DataReader reader(data);
        while (const auto name = reader.text())
            macros[std::string(*name)] = reader.text().value_or("");
    }
    std::string take_seen() { return std::exchange(seen, {}); }
    void open() {
        filters->ask_connect();
        run();
        filters->ask_hello("client");
        run();
    }

    config::ConfigurationPtr site;
    std::optional<SessionFilters> filters;
    std::string seen;
    char refuses_at = 0;
    char fails_at = 0;
    std::uint32_t steps = 0;
    std::map<std::string, std::string> macros;  ///< as the filter was told last
};

TEST_F(SessionFiltersTest, AsksEachInTheOrderOfTheNumbers) {
    make("sourcespamfilter2 sourcespamfilter1");
    open();
    EXPECT_EQ(take_seen(), "1O 1C 2O 2C 1H 2H ");
    filters->ask_sender("<a@b>", {}, {});
    run();
    filters->ask_recipient("<c@d>", {}, {});
    run();
    filters->ask_data();
    run();
    EXPECT_EQ(take_seen(), "1M 2M 1R 2R 1T 2T ");
    EXPECT_FALSE(filters->refusal());
}

TEST_F(SessionFiltersTest, RefusalEndsTheStage) {
    make("sourcespamfilter2 sourcespamfilter1");
    open();
    take_seen();
    refuses_at = 'M';
    filters->ask_sender("<a@b>", {}, {});
    run();
    EXPECT_EQ(take_seen(), "1M ");
    ASSERT_TRUE(filters->refusal());
    EXPECT_EQ(filters->refusal()->code, 550);
}

TEST_F(SessionFiltersTest, HelloIsToldOnce) {
    make("sourcespamfilter1");
    open();
    take_seen();
    filters->ask_hello("client");
    run();
    EXPECT_EQ(take_seen(), "");
    filters->ask_hello("another");
    run();
    EXPECT_EQ(take_seen(), "1H ");
}

TEST_F(SessionFiltersTest, HelloIsToldWhenItIsSaidAndRefusesEachMail) {
    make("sourcespamfilter1");
    refuses_at = 'H';
    filters->ask_connect();
    run();
    filters->tell_hello("client");
    run();
    EXPECT_EQ(take_seen(), "1O 1C 1H ");
    EXPECT_FALSE(filters->refusal());
    for (int i = 0; i < 2; ++i) {
        filters->ask_hello("client");
        run();
        EXPECT_EQ(take_seen(), "");
        ASSERT_TRUE(filters->refusal());
        filters->abort();
    }
    refuses_at = 0;
    filters->tell_hello("another");
    run();
    filters->ask_hello("another");
    run();
    EXPECT_EQ(take_seen(), "1H ");
    EXPECT_FALSE(filters->refusal());
}

TEST_F(SessionFiltersTest, WhatIsOnlyToldRefusesNothing) {
    make("sourcespamfilter1");
    steps = milter::step::rejected_rcpt;
    open();
    filters->ask_sender("<a@b>", {}, {});
    run();
    take_seen();
    refuses_at = 'R';
    ASSERT_TRUE(filters->wants_refused_recipients());
    filters->tell_refused_recipient("<c@d>", {}, {550, {5, 1, 1}, {"no such user"}});
    run();
    EXPECT_FALSE(filters->refusal());
    refuses_at = 'U';
    filters->tell_unknown("XYZZY");
    run();
    EXPECT_FALSE(filters->refusal());
    EXPECT_EQ(take_seen(), "1R 1U ");
    EXPECT_EQ(macros.at("{rcpt_mailer}"), "error");
    EXPECT_EQ(macros.at("{rcpt_host}"), "5.1.1");
    EXPECT_EQ(macros.at("{rcpt_addr}"), "no such user");
    refuses_at = 0;
    filters->ask_recipient("<e@f>", {}, {});
    run();
    EXPECT_FALSE(filters->refusal());
    EXPECT_EQ(take_seen(), "1R ");
}

TEST_F(SessionFiltersTest, ToldStagesLeaveFiltersAloneThatCannotBeReached) {
    make("sourcespamfilter1");
    fails_at = 'C';
    filters->ask_connect();
    run();
    take_seen();
    filters->tell_hello("client");
    run();
    EXPECT_EQ(take_seen(), "");
    EXPECT_FALSE(filters->refusal());
    filters->ask_hello("client");
    run();
    EXPECT_EQ(take_seen(), "1O 1C 1H ");
}

TEST_F(SessionFiltersTest, FailureAtTheStartIsTriedAgainWithMail) {
    make("sourcespamfilter1");
    fails_at = 'C';
    filters->ask_connect();
    run();
    EXPECT_FALSE(filters->refusal());
    filters->ask_hello("client");
    run();
    EXPECT_FALSE(filters->refusal());
    EXPECT_EQ(take_seen(), "1O 1C 1O 1C 1H ");
}

TEST_F(SessionFiltersTest, ConnectionThatWasGoneIsMadeAgain) {
    make("sourcespamfilter1");
    open();
    const auto generation = filters->lines()[0].generation;
    take_seen();
    fails_at = 'M';
    filters->ask_sender("<a@b>", {}, {});
    run();
    EXPECT_EQ(take_seen(), "1M 1O 1C 1H 1M ");
    EXPECT_FALSE(filters->refusal());
    EXPECT_GT(filters->lines()[0].generation, generation);
}

TEST_F(SessionFiltersTest, SecondFailureIsOne) {
    make("sourcespamfilter1");
    open();
    filters->ask_sender("<a@b>", {}, {});
    while (FilterLine* line = filters->advance()) line->session->fail("gone");
    ASSERT_TRUE(filters->refusal());
    EXPECT_EQ(filters->refusal()->code, 451);
}

TEST_F(SessionFiltersTest, FailOpenGoesOn) {
    make("sourcespamfilter1 sourcespamfilter2", "SPAMFILTER1_OPTIONAL=1\n");
    open();
    filters->ask_sender("<a@b>", {}, {});
    run();
    take_seen();
    fails_at = 'R';
    filters->ask_recipient("<c@d>", {}, {});
    run();
    EXPECT_FALSE(filters->refusal());
    EXPECT_EQ(take_seen(), "1R 2R ");
    filters->ask_data();
    run();
    EXPECT_EQ(take_seen(), "2T ");
}

TEST(ConnectionSlots, HaveALimitEach) {
    ConnectionSlots slots;
    EXPECT_TRUE(slots.take(1, 1));
    EXPECT_FALSE(slots.take(1, 1));
    EXPECT_TRUE(slots.take(2, 1));
    slots.give_back(1);
    EXPECT_TRUE(slots.take(1, 1));
    EXPECT_TRUE(slots.take(1, 0)) << "no limit";
}

}  // namespace
}  // namespace sluice::filter
