#include "policy/header_rewriting.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/site.h"

namespace sluice::policy {
namespace {

constexpr std::string_view rules =
    "mail.example.com  $U%$D@mail.example.com\n"
    "example.com       $U%$D@mail.example.com\n"
    "old.example       $B$U%new.example@mail.example.com\n"
    "only.example      $B$R$U%sender.example@tcp_local-daemon\n"
    "per.example       $U%special.example@tcp_local-daemon$Qtcp_special\n"
    "routed.example    $U%$D@tcp_exp-daemon\n"
    ".                 $U%$H@tcp_local-daemon\n\n";

/// A reverse database with two entries, one of which cannot be read.
class Reverses final : public mapping::Answers {
public:
    mapping::Answer ask(const mapping::Question& question) override {
        if (question.kind != mapping::Question::Kind::reverse_value) return mapping::Answer::none();
        asked.push_back(question.subject);
        if (question.subject == "adam@example.com")
            return mapping::Answer::literal("Adam.Smith@example.com");
        if (question.subject == "second@example.com")
            return mapping::Answer::literal("twice@example.com");
        if (question.subject == "broken@example.com") return mapping::Answer::temporary();
        return mapping::Answer::none();
    }
    std::vector<std::string> asked;
};

class HeaderRewritingTest : public testing::Test {
protected:
    struct Setup {
        std::string source;       ///< keywords of the source channel
        std::string destination;  ///< of tcp_special
        std::string alias;        ///< local host alias of tcp_special
        std::string mappings;
        std::string options;
    };

    void load(const Setup& setup) {
        std::string text(rules);
        text += "l\nmail.example.com\n\ntcp_local smtp " + setup.source + "\ntcp_local-daemon\n\n";
        text += "tcp_special smtp " + setup.destination + "\ntcp_special-daemon" +
                (setup.alias.empty() ? "" : " " + setup.alias) + "\n\n";
        text +=
            "tcp_exp smtp exproute\ntcp_exp-daemon\n\nprocess\nprocess-daemon\n\n"
            "reprocess\nreprocess-daemon\n\nhold\nhold-daemon\n\nbitbucket\nbitbucket-daemon\n";
        site_ = test::make_site(
            {{"imta.cnf", text}, {"mappings", setup.mappings}, {"option.dat", setup.options}}
        );
    }

    CopyContext copy() {
        return {
            *site_, *site_->imta.channels.find("tcp_local"),
            *site_->imta.channels.find("tcp_special"), Origin{"client.example"}, answers_};
    }
    /// The header as it leaves; "temporary" where it cannot be decided.
    std::string out(const std::string& header) {
        const auto result = rewrite_header(copy(), header);
        if (!result) return result.error().is_permanent() ? "permanent" : "temporary";
        return result->value_or(header);
    }
    std::string sender(const std::string& address) {
        return outgoing_address(copy(), AddressKind::envelope_from, address).value_or("temporary");
    }

    config::ConfigurationPtr site_;
    Reverses answers_;
};

TEST_F(HeaderRewritingTest, NothingChangesWithoutNeed) {
    load({});
    const std::string header =
        "From:   Amy  <amy@example.com>  \r\nTO :a@x.example,\r\n\t (c) b@y.example\r\n"
        "Subject: (not) <an@old.example>\r\n\r\n";
    const auto result = rewrite_header(copy(), header);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->has_value());
}

TEST_F(HeaderRewritingTest, AddressIsReplacedWhereItStands) {
    load({});
    EXPECT_EQ(
        out("To: \"Amy, Jr\" (x) < amy@old.example >,\r\n\tbob @ old.example (Bob)\r\nX: y\r\n"),
        "To: \"Amy, Jr\" (x) < amy@new.example >,\r\n\tbob@new.example (Bob)\r\nX: y\r\n"
    );
}

TEST_F(HeaderRewritingTest, CommentInsideAnAddressIsKept) {
    load({});
    EXPECT_EQ(out("To: amy(at home)@old.example\r\n"), "To: amy@new.example(at home)\r\n");
}

TEST_F(HeaderRewritingTest, RulesSeeWhereTheAddressPoints) {
    load({});
    EXPECT_EQ(
        out("From: a@only.example\r\nTo: b@only.example\r\n"),
        "From: a@sender.example\r\nTo: b@only.example\r\n"
    );
}

TEST_F(HeaderRewritingTest, RulesSeeTheDestinationChannel) {
    load({});
    EXPECT_EQ(out("To: a@per.example\r\n"), "To: a@special.example\r\n");
    EXPECT_EQ(sender("a@per.example"), "a@special.example");
    const CopyContext other{
        *site_,
        *site_->imta.channels.find("tcp_local"),
        *site_->imta.channels.find("l"),
        {},
        answers_};
    EXPECT_EQ(
        outgoing_address(other, AddressKind::header_forward, "a@per.example").value(),
        "a@per.example"
    );
}

TEST_F(HeaderRewritingTest, BareNamesAreCompleted) {
    load({});
    EXPECT_EQ(out("From: root\r\n"), "From: root@mail.example.com\r\n");
    load({"remotehost", "", "", "", ""});
    EXPECT_EQ(out("From: Root <root>\r\n"), "From: Root <root@client.example>\r\n");
    load({"nodefaulthost", "", "", "", ""});
    EXPECT_EQ(out("From: root\r\n"), "From: root\r\n");
    load({"defaulthost site.example", "", "", "", ""});
    EXPECT_EQ(out("Cc: a, b@x.example\r\n"), "Cc: a@site.example, b@x.example\r\n");
}

TEST_F(HeaderRewritingTest, FieldThatCannotBeParsedIsLeftAlone) {
    load({});
    const std::string broken = "To: a@old.example; b@old.example\r\n";
    EXPECT_EQ(out(broken + "Cc: c@old.example\r\n"), broken + "Cc: c@new.example\r\n");
}

TEST_F(HeaderRewritingTest, OnlyAddressFieldsAreTouched) {
    load({});
    const std::string header =
        "Received: from a@old.example\r\nMessage-ID: <1@old.example>\r\n"
        "Return-Path: <a@old.example>\r\nX-To: a@old.example\r\n";
    EXPECT_EQ(out(header), header);
}

TEST_F(HeaderRewritingTest, LongFieldsAreNotProcessed) {
    load({"", "maxprocchars 30", "", "", ""});
    const std::string longer = "To: a@old.example, b@old.example\r\n";
    EXPECT_EQ(out(longer), longer);
    EXPECT_EQ(out("To: a@old.example\r\n"), "To: a@new.example\r\n");
}

TEST_F(HeaderRewritingTest, DatabaseReversesEveryHeaderAddress) {
    load({});
    EXPECT_EQ(
        out("From: adam@example.com\r\nTo: adam@example.com\r\n"),
        "From: Adam.Smith@example.com\r\nTo: Adam.Smith@example.com\r\n"
    );
    EXPECT_EQ(sender("adam@example.com"), "Adam.Smith@example.com");
}

TEST_F(HeaderRewritingTest, ReversalObeysItsBits) {
    load({"", "", "", "", "USE_REVERSE_DATABASE=1\n"});
    EXPECT_EQ(
        out("From: adam@example.com\r\nTo: adam@example.com\r\n"),
        "From: Adam.Smith@example.com\r\nTo: adam@example.com\r\n"
    );
    load({"", "", "", "", "USE_REVERSE_DATABASE=0\n"});
    EXPECT_EQ(out("From: adam@example.com\r\n"), "From: adam@example.com\r\n");
    load({"", "", "", "", "REVERSE_ENVELOPE=0\n"});
    EXPECT_EQ(sender("adam@example.com"), "adam@example.com");
    load({"", "noreverse", "", "", ""});
    EXPECT_EQ(out("From: adam@example.com\r\n"), "From: adam@example.com\r\n");
    EXPECT_EQ(sender("adam@example.com"), "adam@example.com");
    load({"", "", "", "", "USE_REVERSE_DATABASE=21\n"});
    answers_.asked.clear();
    EXPECT_EQ(out("From: adam@example.com\r\n"), "From: adam@example.com\r\n");
    EXPECT_EQ(answers_.asked.at(0), "tcp_local|tcp_special|adam@example.com");
}

TEST_F(HeaderRewritingTest, TableReversesWhatTheDatabaseDoesNot) {
    load(
        {"", "", "",
         "REVERSE\n\n  *@*.example.com $Y$0@example.com\n  first@x.example $Y$Dsecond@example.com\n"
         "  no@x.example $Nother@x.example\n  *@back.example $:R$Y$0@backward.example\n"
         "  *@back.example $:E$Y$0@envelope.example\n",
         ""}
    );
    EXPECT_EQ(out("From: amy@deep.example.com\r\n"), "From: amy@example.com\r\n");
    EXPECT_EQ(out("From: first@x.example\r\n"), "From: twice@example.com\r\n");
    EXPECT_EQ(out("From: no@x.example\r\n"), "From: no@x.example\r\n");
    EXPECT_EQ(
        out("From: a@back.example\r\nTo: a@back.example\r\n"),
        "From: a@backward.example\r\nTo: a@back.example\r\n"
    );
}

TEST_F(HeaderRewritingTest, TableCanBeAskedWithChannels) {
    load(
        {"", "", "", "REVERSE\n\n  tcp_local|tcp_special|*@x.example $Y$0@y.example\n",
         "USE_REVERSE_DATABASE=13\n"}
    );
    EXPECT_EQ(out("From: a@x.example\r\n"), "From: a@y.example\r\n");
}

TEST_F(HeaderRewritingTest, UnreadableDatabaseMakesItTemporary) {
    load({});
    EXPECT_EQ(out("From: broken@example.com\r\n"), "temporary");
    EXPECT_EQ(sender("broken@example.com"), "temporary");
}

TEST_F(HeaderRewritingTest, UnsoundResultIsNotWritten) {
    load({"", "", "", "REVERSE\n\n  a@x.example $Ya$ b@y.example\n  b@x.example $Yb@y,c@z\n", ""});
    EXPECT_EQ(out("To: a@x.example, b@x.example\r\n"), "To: a@x.example, b@x.example\r\n");
}

TEST_F(HeaderRewritingTest, LocalHostAliasNamesThisHost) {
    load({"", "", "gw.example", "", ""});
    EXPECT_EQ(
        out("From: root\r\nTo: a@example.com\r\n"), "From: root@gw.example\r\nTo: a@example.com\r\n"
    );
    EXPECT_EQ(sender("root"), "root@gw.example");
    const channel::Channel& special = *site_->imta.channels.find("tcp_special");
    EXPECT_EQ(outgoing_recipient(*site_, special, "@mail.example.com:a@b"), "@gw.example:a@b");
}

TEST_F(HeaderRewritingTest, ChannelsAskForTheirForm) {
    load({"", "733 header_733 enqueue_removeroute", "", "", ""});
    EXPECT_EQ(out("To: <@a.example:u@b.example>\r\n"), "To: <u%b.example@a.example>\r\n");
    const channel::Channel& special = *site_->imta.channels.find("tcp_special");
    EXPECT_EQ(outgoing_recipient(*site_, special, "@a.example:u@b.example"), "u@b.example");
    load({"", "bangstyle header_uucp", "", "", ""});
    EXPECT_EQ(out("To: U <u@b.example>\r\n"), "To: U <b.example!u>\r\n");
    EXPECT_EQ(sender("u@b.example"), "b.example!u");
}

TEST_F(HeaderRewritingTest, RoutesLeadThroughThisHost) {
    load({});
    EXPECT_EQ(
        out("To: u@routed.example (x)\r\n"), "To: <@mail.example.com:u@routed.example> (x)\r\n"
    );
    load({"", "improute", "", "", "IMPROUTE_FORWARD=0\n"});
    EXPECT_EQ(
        out("From: u@x.example\r\nTo: u@x.example, v@mail.example.com\r\n"),
        "From: <@mail.example.com:u@x.example>\r\nTo: u@x.example, v@mail.example.com\r\n"
    );
}

TEST_F(HeaderRewritingTest, CommentsAreTreatedAsTheChannelsAsk) {
    const std::string header = "To: (a) x@y.example (b. \"c\"), (d)z@w.example\r\n";
    load({"", "commentomit", "", "", ""});
    EXPECT_EQ(out(header), "To: x@y.example, z@w.example\r\n");
    load({"sourcecommentstrip", "", "", "", ""});
    EXPECT_EQ(out(header), "To: (a) x@y.example (b c), (d)z@w.example\r\n");
    load({"", "commentmap", "", "COMMENT_STRINGS\n\n  (a)|x@y.example $Y(A)\n  (d)|* $Yplain\n", ""}
    );
    EXPECT_EQ(out(header), "To: (A) x@y.example (b. \"c\"), (plain)z@w.example\r\n");
    load({"", "commenttotal", "", "", ""});
    EXPECT_EQ(
        out("Received: by x (y)\r\nDate: now (UTC)\r\n" + header),
        "Received: by x (y)\r\nDate: now\r\nTo: x@y.example, z@w.example\r\n"
    );
}

TEST_F(HeaderRewritingTest, PersonalNamesAreTreatedAsTheChannelsAsk) {
    const std::string header =
        "From: \"Amy, Q.\"  <amy@x.example>,\r\n Bob (b) Ray <b@x.example>\r\n";
    load({"", "personalomit", "", "", ""});
    EXPECT_EQ(out(header), "From: <amy@x.example>,\r\n (b) <b@x.example>\r\n");
    load({"sourcepersonalstrip", "", "", "", ""});
    EXPECT_EQ(out(header), "From: Amy Q  <amy@x.example>,\r\n Bob (b) Ray <b@x.example>\r\n");
    load({"", "personalmap", "", "PERSONAL_NAMES\n\n  Amy,$ Q.|* $YAmy$ Quimby$ Jr.\n", ""});
    EXPECT_EQ(
        out(header), "From: \"Amy Quimby Jr.\"  <amy@x.example>,\r\n Bob (b) Ray <b@x.example>\r\n"
    );
}

TEST_F(HeaderRewritingTest, EncodedWordsSurviveStripping) {
    load({"", "personalstrip", "", "", ""});
    const std::string header = "From: =?utf-8?Q?J=C3=B6rg?= <j@x.example>\r\n";
    EXPECT_EQ(out(header), header);
}

TEST_F(HeaderRewritingTest, RecipientsAreSplitAndDatesReformed) {
    load({"", "maxheaderaddrs 2 dayofweek datefour", "", "", ""});
    EXPECT_EQ(
        out("Date: 19 Jan 98 19:16:57 -0800\r\nTo: a@x.example, b@old.example, c@x.example\r\n"),
        "Date: Mon, 19 Jan 1998 19:16:57 -0800\r\nTo: a@x.example, b@new.example\r\n"
        "To: c@x.example\r\n"
    );
}

TEST_F(HeaderRewritingTest, WorkIsBounded) {
    load({});
    std::string many = "To: a@old.example";
    for (std::size_t i = 1; i <= max_header_addresses; ++i) many += ",\r\n a@old.example";
    many += "\r\n";
    EXPECT_EQ(out(many), many);
}

}  // namespace
}  // namespace sluice::policy
