#include "config/imta_cnf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/imta_cnf_lines.h"

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Texts = std::map<std::string, std::string>;

struct Outcome {
    ImtaCnf cnf;
    Diagnostics diagnostics;

    [[nodiscard]] std::vector<std::string> codes() const {
        std::vector<std::string> out;
        for (const auto& d : diagnostics.items()) {
            out.push_back(d.where.to_string() + ' ' + d.code);
        }
        return out;
    }
    [[nodiscard]] const Diagnostic& only() const { return diagnostics.items().at(0); }
};

Outcome read(Texts texts, const LogicalNames& names = {}) {
    MemoryFiles files(std::move(texts));
    Outcome outcome;
    outcome.cnf = read_imta_cnf("/c/imta.cnf", files, outcome.diagnostics, names);
    return outcome;
}

/// A configuration that is right but for the given keywords of channel tcp_x.
Outcome read_keywords(const std::string& keywords) {
    return read(
        {{"/c/imta.cnf",
          ". $U%$H@tcp_x-daemon\n\nl\nmail.example\n\ntcp_x " + keywords + "\ntcp_x-daemon\n"}}
    );
}

std::string settings_of(const Outcome& outcome) {
    const auto* channel = outcome.cnf.channels.find("tcp_x");
    return channel != nullptr ? channel->to_debug_string() : "no channel";
}

TEST(ImtaCnf, KeepsRulesWithTheirPlaces) {
    const Outcome outcome =
        read({{"/c/imta.cnf", "! comment\r\n  a.example  $U%$D@l-host \r\n\r\nl\r\nl-host\r\n"}});
    EXPECT_THAT(outcome.codes(), IsEmpty());
    ASSERT_EQ(outcome.cnf.rules.rules().size(), 1U);
    const rewrite::Rule& rule = *outcome.cnf.rules.rules().front();
    EXPECT_EQ(rule.pattern, "a.example");
    EXPECT_EQ(rule.templ.text, "$U%$D@l-host");
    EXPECT_EQ(rule.where.to_string(), "/c/imta.cnf:2:3");
    EXPECT_EQ(outcome.cnf.channels.local_host(), "l-host");
}

TEST(ImtaCnf, MissingFileIsAnError) {
    const Outcome outcome = read({});
    EXPECT_THAT(outcome.codes(), ElementsAre("/c/imta.cnf E101"));
}

TEST(ImtaCnf, EmptyFileHasNoChannel) {
    EXPECT_THAT(read({{"/c/imta.cnf", ""}}).codes(), ElementsAre("/c/imta.cnf:1:1 E301"));
    EXPECT_THAT(
        read({{"/c/imta.cnf", ". $U%$H@x\n\ndefaults logging\n"}}).diagnostics.items().back().code,
        "E301"
    );
}

TEST(ImtaCnf, CommentBeforeABlankFirstLineIsNotARule) {
    const Outcome outcome = read({{"/c/imta.cnf", "! mine\n\nl\nmail.example\n"}});
    EXPECT_THAT(outcome.codes(), ElementsAre("/c/imta.cnf:2:1 W101"));
}

TEST(ImtaCnf, IncludesComeFromTheirDirectories) {
    const Outcome outcome = read(
        {{"/c/imta.cnf",
          "<sub/rules\n<IMTA_TABLE:more rules \n<SITE:x\n<imta_table:last\n\nl\nh\n"},
         {"/c/sub/rules", "<near\n"},
         {"/c/sub/near", "a $U%a@h\n"},
         {"/c/more rules", "b $U%b@h\n"},
         {"/site/x", "c $U%c@h\n"},
         {"/c/last", "d $U%d@h\n"}},
        {{"SITE", "/site"}}
    );
    EXPECT_THAT(outcome.codes(), IsEmpty());
    std::string patterns;
    for (const auto& rule : outcome.cnf.rules.rules()) patterns += rule->pattern;
    EXPECT_EQ(patterns, "abcd");
    EXPECT_EQ(outcome.cnf.rules.rules()[0]->where.to_string(), "/c/sub/near:1:1");
}

TEST(ImtaCnf, LogicalNameBeatsTheDirectoryOfTheFile) {
    const Outcome outcome = read(
        {{"/c/imta.cnf", "<IMTA_TABLE:r\n\nl\nh\n"}, {"/t/r", "a $U%a@h\n"}}, {{"IMTA_TABLE", "/t"}}
    );
    EXPECT_THAT(outcome.codes(), IsEmpty());
    EXPECT_EQ(outcome.cnf.rules.rules().size(), 1U);
}

TEST(ImtaCnf, BlankLineOfAnIncludedFileEndsTheRules) {
    const Outcome outcome = read({{"/c/imta.cnf", "<r\nl\nh\n"}, {"/c/r", "a $U%a@h\n\n"}});
    EXPECT_THAT(outcome.codes(), IsEmpty());
    EXPECT_EQ(outcome.cnf.channels.size(), 1U);
}

TEST(ImtaCnf, FileThatIncludesItselfStopsAtTheCeilings) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "<imta.cnf\n";
    const Outcome outcome = read({{"/c/imta.cnf", text}});
    const auto codes = outcome.codes();
    EXPECT_EQ(
        std::count_if(
            codes.begin(), codes.end(), [](const auto& code) { return code.ends_with("E104"); }
        ),
        1
    );
    EXPECT_LE(codes.size(), max_include_lines + 2);
}

TEST(ImtaCnf, ContinuationDoesNotLeaveItsFile) {
    const Outcome outcome =
        read({{"/c/imta.cnf", "<r\n\nl\nh\n"}, {"/c/r", "a $U%a@h\\\n! comment\n"}});
    EXPECT_THAT(outcome.codes(), ElementsAre("/c/r:1:9 E103"));
    ASSERT_EQ(outcome.cnf.rules.rules().size(), 1U);
    EXPECT_EQ(outcome.cnf.rules.rules()[0]->templ.text, "$U%a@h");
}

TEST(ImtaCnf, LongLinesAreLegal) {
    const std::string host(100000, 'x');
    const Outcome outcome = read({{"/c/imta.cnf", host + " $U%$D@h\n\nl\nh\n"}});
    EXPECT_THAT(outcome.codes(), IsEmpty());
    EXPECT_EQ(outcome.cnf.rules.rules()[0]->pattern, host);
}

TEST(Blocks, HostLinesGiveNamesAndProperNames) {
    const Outcome outcome = read(
        {{"/c/imta.cnf",
          ". $U%$H@p\n\nl\nmail.example\n\ntcp_x smtp\np alias.example\nq\nr real.r\n"}}
    );
    EXPECT_THAT(outcome.codes(), IsEmpty());
    const auto* channel = outcome.cnf.channels.find_by_host("R");
    ASSERT_NE(channel, nullptr);
    EXPECT_EQ(channel->local_host_alias(), "alias.example");
    ASSERT_EQ(channel->additional_hosts().size(), 2U);
    EXPECT_EQ(channel->additional_hosts()[0].proper_name, "");
    EXPECT_EQ(channel->additional_hosts()[1].proper_name, "real.r");
    EXPECT_EQ(channel->additional_hosts()[1].where.to_string(), "/c/imta.cnf:9:1");
}

TEST(ImtaCnf, HostTableKnowsWhatRewritingAsks) {
    const Outcome outcome = read(
        {{"/c/imta.cnf",
          ". $U%$H@p\n\nl\nmail.example\n\ntcp_x routelocal\np\nq real.q\n\ntcp_y\nr\n"}}
    );
    EXPECT_THAT(outcome.codes(), IsEmpty());
    const rewrite::HostTable& hosts = outcome.cnf.hosts;
    EXPECT_EQ(hosts.local_host(), "mail.example");
    EXPECT_EQ(hosts.size(), 4U);
    ASSERT_NE(hosts.find("Q"), nullptr);
    EXPECT_EQ(hosts.find("Q")->channel, "tcp_x");
    EXPECT_EQ(hosts.find("Q")->official_host, "p");
    EXPECT_EQ(hosts.find("Q")->proper_name, "real.q");
    EXPECT_TRUE(hosts.find("Q")->additional);
    EXPECT_TRUE(hosts.find("p")->route_local);
    EXPECT_FALSE(hosts.find("r")->route_local);
    EXPECT_TRUE(hosts.find("mail.example")->is_local);
    EXPECT_EQ(hosts.find("real.q"), nullptr);
}

TEST(ImtaCnf, FindingsOfRulesAndBlocksComeInFileOrder) {
    const Outcome outcome = read({{"/c/imta.cnf", "a $U%$D@none\nb\n\nl staff\nh\n"}});
    EXPECT_THAT(
        outcome.codes(),
        ElementsAre("/c/imta.cnf:1:9 W203", "/c/imta.cnf:2:2 E201", "/c/imta.cnf:4:3 W301")
    );
}

TEST(Blocks, ExtraWordsOnHostLinesAreReported) {
    const Outcome outcome =
        read({{"/c/imta.cnf", ". $U%$H@h\n\nl\nh a b c\nx y z\n\nnodefaults logging\n"}});
    EXPECT_THAT(
        outcome.codes(),
        ElementsAre("/c/imta.cnf:4:5 W305", "/c/imta.cnf:5:5 W305", "/c/imta.cnf:7:12 W305")
    );
}

TEST(Blocks, DefaultsBlockIsOneLine) {
    const Outcome outcome =
        read({{"/c/imta.cnf", ". $U%$H@h\n\nDefaults logging\nmore\nmore\n\nl\nh\n"}});
    EXPECT_THAT(outcome.codes(), ElementsAre("/c/imta.cnf:4:1 W304"));
    EXPECT_TRUE(outcome.cnf.channels.local()->has(channel::Keyword::logging));
}

struct ChannelName {
    const char* name;
    bool good;
};
class ChannelNames : public testing::TestWithParam<ChannelName> {};
TEST_P(ChannelNames, AreCheckedByLetter) {
    const Outcome outcome = read(
        {{"/c/imta.cnf", std::string(". $U%$H@h\n\nl\nh\n\n") + GetParam().name + " smtp\nx\n"}}
    );
    if (GetParam().good) {
        EXPECT_THAT(outcome.codes(), IsEmpty());
    } else {
        EXPECT_THAT(outcome.codes(), ElementsAre("/c/imta.cnf:6:1 E308"));
    }
}
INSTANTIATE_TEST_SUITE_P(
    Names,
    ChannelNames,
    testing::Values(
        ChannelName{"tcp_local", true},
        ChannelName{"ims-ms", true},
        ChannelName{"a$b_9", true},
        ChannelName{"abcdefghijklmnopqrstuvwxyz012345", true},
        ChannelName{"abcdefghijklmnopqrstuvwxyz0123456", false},
        ChannelName{"TCP_local", false},
        ChannelName{"a.b", false},
        ChannelName{"a/b", false},
        ChannelName{"..", false},
        ChannelName{"\"\"", false}
    )
);

TEST(Blocks, StrayBlankLineIsTheHint) {
    const Outcome outcome =
        read({{"/c/imta.cnf", "a $U%$D@h\n\nb.example  $u%$d@h\nh2\n\nl\nh\nh2\n"}});
    for (const auto& d : outcome.diagnostics.items()) {
        if (d.code == "E302" || d.code == "E308") {
            EXPECT_THAT(d.hint, HasSubstr("blank line above"));
        }
        if (d.code == "E304") {
            EXPECT_EQ(d.hint, "first used at /c/imta.cnf:4:1");
        }
    }
    EXPECT_THAT(
        outcome.codes(), ElementsAre(
                             "/c/imta.cnf:3:1 E302", "/c/imta.cnf:3:1 E308",
                             "/c/imta.cnf:3:12 W301", "/c/imta.cnf:8:1 E304"
                         )
    );
}

struct KeywordCase {
    const char* keywords;
    const char* settings;  ///< what the channel has
    std::vector<std::string> codes;
};
class KeywordLine : public testing::TestWithParam<KeywordCase> {};

TEST_P(KeywordLine, GivesSettingsAndFindings) {
    const Outcome outcome = read_keywords(GetParam().keywords);
    EXPECT_EQ(settings_of(outcome), GetParam().settings);
    std::vector<std::string> codes;
    for (const auto& d : outcome.diagnostics.items()) {
        codes.push_back(std::to_string(d.where.column) + ' ' + d.code);
        EXPECT_EQ(d.where.line, 6U);
    }
    EXPECT_EQ(codes, GetParam().codes);
}

// Columns count in "tcp_x " + keywords: the first keyword is in column 7.
INSTANTIATE_TEST_SUITE_P(
    Lines,
    KeywordLine,
    testing::Values(
        KeywordCase{"SMTP Mx", "smtp mx", {}},
        KeywordCase{"pool", "", {"7 E309"}},
        KeywordCase{"maxjobs many", "group:many", {"15 E309", "15 W301"}},
        KeywordCase{"maxjobs logging", "logging", {"15 E309"}},
        KeywordCase{"maxjobs -1", "group:-1", {"15 E309", "15 W301"}},
        KeywordCase{"filesperjob -1", "filesperjob=-1", {}},
        KeywordCase{"port 0 smtp", "group:0 smtp", {"12 E309", "12 W301"}},
        KeywordCase{"port 65535", "port=65535", {}},
        KeywordCase{"subdirs 1000", "group:1000", {"15 E309", "15 W301"}},
        KeywordCase{"notices 1 2 4 smtp", "notices=1,2,4 smtp", {}},
        KeywordCase{"notices 7 4 smtp", "smtp", {"15 E309"}},
        KeywordCase{"notices 1 2 3 4 5 6", "notices=1,2,3,4,5 group:6", {"25 W301"}},
        KeywordCase{"notices 0 1", "group:0 group:1", {"15 E309", "15 W301", "17 W301"}},
        KeywordCase{"backoff \"pt5m\" P1D smtp", "backoff=pt5m,P1D smtp", {}},
        KeywordCase{"backoff 5m", "group:5m", {"15 E309", "15 W301"}},
        KeywordCase{
            "defaulthost a.example b smtp", "defaulthost=a.example group:b smtp", {"29 W301"}},
        KeywordCase{"defaulthost a b.example smtp", "defaulthost=a,b.example smtp", {}},
        KeywordCase{"interfaceaddress 192.0.2.1", "interfaceaddress=192.0.2.1", {}},
        KeywordCase{"interfaceaddress host", "group:host", {"24 E309", "24 W301"}},
        KeywordCase{"nameservers 192.0.2.1 ::1 smtp", "nameservers=192.0.2.1,::1 smtp", {}},
        KeywordCase{
            "nameservers 127.0.0.1@5353 ::1@53 smtp", "nameservers=127.0.0.1@5353,::1@53 smtp", {}},
        KeywordCase{"nameservers 127.0.0.1@0", "group:127.0.0.1@0", {"19 E309", "19 W301"}},
        KeywordCase{"nameservers ns.example@53", "group:ns.example@53", {"19 E309", "19 W301"}},
        KeywordCase{"after +30 urgentafter 22:00", "after=+30 urgentafter=22:00", {}},
        KeywordCase{"after soon", "group:soon", {"13 E309", "13 W301"}},
        KeywordCase{"returnpersonal \"The Postmaster\"", "returnpersonal=The Postmaster", {}},
        KeywordCase{"returnpersonal \"The", "", {"7 E309"}},
        KeywordCase{"pool \"\"", "group:", {"12 E309", "12 W301"}},
        KeywordCase{"saslswitchchannel l", "saslswitchchannel=l", {}},
        KeywordCase{
            "saslswitchchannel no expandchannel no",
            "saslswitchchannel=no expandchannel=no",
            {"25 W303", "42 W303"}},
        KeywordCase{
            "pool aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX",
            "pool=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX",
            {"12 W302"}},
        KeywordCase{
            "filter aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX",
            "filter=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX",
            {}},
        KeywordCase{"maxjobs x notices 2 1", "group:x", {"15 E309", "15 W301"}}
    )
);

TEST(KeywordLine, NamesAllUnusableArgumentsInOneError) {
    const Outcome outcome = read_keywords("maxjobs x notices 2 1");
    EXPECT_EQ(
        outcome.only().text,
        "missing or unusable keyword argument: maxjobs: \"x\" is not a number; notices: the ages "
        "do not ascend"
    );
}

TEST(KeywordLine, MisspeltKeywordGetsASuggestion) {
    const Outcome outcome = read_keywords("smtp loging");
    EXPECT_EQ(
        outcome.only().to_string(),
        "/c/imta.cnf:6:12: warning: \"loging\" is no keyword; taken as the name of a group [W301]\n"
        "  tcp_x smtp loging\n"
        "             ^\n"
        "  hint: did you mean \"logging\"?"
    );
    EXPECT_EQ(read_keywords("staff").only().hint, "");
}

TEST(KeywordLine, ReferenceInADefaultsBlockIsCheckedOnce) {
    const Outcome outcome =
        read({{"/c/imta.cnf", ". $U%$H@h\n\ndefaults tlsswitchchannel no\n\nl\nh\n\ntcp_x\nx\n"}});
    EXPECT_THAT(outcome.codes(), ElementsAre("/c/imta.cnf:3:27 W303"));
}

TEST(KeywordLine, UnknownWordsOfALineAreReportedUpToACeiling) {
    std::string words;
    for (int i = 0; i < 1000; ++i) words += "staff ";
    const Outcome outcome = read_keywords(words);
    EXPECT_EQ(outcome.diagnostics.items().size(), 50U);
    EXPECT_EQ(outcome.cnf.channels.find("tcp_x")->groups().size(), 1000U);
}

TEST(KeywordLine, TooManyKeywordsAreAnError) {
    std::string keywords;
    for (int i = 0; i < 5000; ++i) keywords += "smtp ";
    EXPECT_THAT(read_keywords(keywords).codes(), ElementsAre("/c/imta.cnf:6:1 E310"));
}

}  // namespace
}  // namespace sluice::config
