// What decide_*() tell of their way: the tables asked with every entry compared, the names looked
// for, and what tables say for the log.
#include <gmock/gmock.h>

#include "list_fixture.h"
#include "policy/outgoing_address.h"

namespace sluice::policy {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

std::string text_of(const Trace& trace) {
    std::string out;
    for (const TraceEntry& entry : trace) out += entry.to_string() + '\n';
    return out;
}

class ExplanationTest : public ListTest {
protected:
    ExplanationTest() { trace_ = &steps_; }
    std::string explained(const std::string& address = "list@example.com") {
        steps_.clear();
        (void)decide(address);
        return text_of(steps_);
    }

    Trace steps_;
};

TEST_F(ExplanationTest, TableOfAListShowsEachEntryWithItsPlace) {
    list(
        "[auth_mapping] MAY_POST",
        "MAY_POST\n\n  amy@far.example|*  $Y\n  poster@far.example|list@*  $Y\n"
    );
    const std::string text = explained();
    EXPECT_THAT(
        text, HasSubstr("clause for table MAY_POST: sender <poster@far.example> is named by")
    );
    EXPECT_THAT(text, HasSubstr("/site/config/mappings:3"));
    EXPECT_THAT(text, HasSubstr("/site/config/mappings:4"));
    EXPECT_THAT(text, HasSubstr("poster@far.example|list@example.com"));
}

TEST_F(ExplanationTest, FilesPatternsAndMissingAuthenticationAreTold) {
    file("posters") = "poster@far.example\n";
    file("bad") = "poster@far.example\n";
    list("[auth_list] posters, [auth_channel] tcp_*, [sasl_cant_list] bad");
    const std::string text = explained();
    EXPECT_THAT(
        text, HasSubstr("clause for file /site/config/posters: sender <poster@far.example> is in")
    );
    EXPECT_THAT(text, HasSubstr("clause for patterns tcp_*: source channel <tcp_intranet> fits"));
    EXPECT_THAT(
        text, HasSubstr("clause against file /site/config/bad: sender <poster@far.example> does "
                        "not count without authentication")
    );
}

TEST_F(ExplanationTest, ForwardShowsEachEntry) {
    configure("", "FORWARD\n\n  nobody@*  $Yx@far.example\n  eve@*  $Y$Dadam@example.com\n");
    const std::string text = explained("eve@example.com");
    EXPECT_THAT(text, HasSubstr("FORWARD: eve@example.com is forwarded to adam@example.com\n"));
    EXPECT_THAT(text, HasSubstr("/site/config/mappings:3"));
    EXPECT_THAT(text, HasSubstr("/site/config/mappings:4"));
    EXPECT_THAT(explained("u1@example.com"), HasSubstr("FORWARD: u1@example.com stays\n"));
}

TEST_F(ExplanationTest, AddressThatIsNoAliasListsWhatWasLookedFor) {
    configure("");
    outside_.alias_database["other"] = "eve";
    (void)explained("eve+x@example.com");
    const auto entry = std::find_if(steps_.begin(), steps_.end(), [](const TraceEntry& each) {
        return each.text == "eve+x@example.com is no alias";
    });
    ASSERT_NE(entry, steps_.end()) << text_of(steps_);
    const std::vector<std::string> keys{
        "eve+x@example.com",
        "eve+*@example.com",
        "eve@example.com",
        "*+*@example.com",
        "*@example.com",
        "eve+x",
        "eve+*",
        "eve"};
    ASSERT_EQ(entry->tried.size(), 2U);
    EXPECT_EQ(entry->tried[0].place, "alias database");
    EXPECT_EQ(entry->tried[0].keys, keys);
    EXPECT_EQ(entry->tried[1].place, "alias file");
    EXPECT_EQ(entry->tried[1].keys, keys);
}

TEST_F(ExplanationTest, BarsInAPostersAddressOrTheListsShiftNoFields) {
    list(
        "[auth_mapping] MAY_POST", "MAY_POST\n\n  \"a_b\"@far.example|list@example.com  $Y\n",
        "MAPPING_PARANOIA=_\n"
    );
    probe_.sender = "\"a|b\"@far.example";
    EXPECT_EQ(shown(), "adam>l eve>l");
}

// --- ALIAS_MAGIC ---

TEST_F(ExplanationTest, AliasMagicSaysWhichSourcesAndInWhatOrder) {
    const auto with = [&](const std::string& options) {
        configure("all: adam\n", {}, options);
        outside_.alias_database["all"] = "eve";
        return shown("all@example.com");
    };
    EXPECT_EQ(with(""), "eve>l");
    EXPECT_EQ(with("ALIAS_MAGIC=8764\n"), "adam>l");  // as sites with a directory have it
    EXPECT_EQ(with("ALIAS_MAGIC=3\n"), "eve>l");
    EXPECT_EQ(with("ALIAS_MAGIC=34\n"), "adam>l");  // the ones' place comes first
    EXPECT_EQ(with("ALIAS_MAGIC=98764321\nUSE_ALIAS_DATABASE=0\n"), "adam>l");
    EXPECT_THAT(with("ALIAS_MAGIC=6\n"), StartsWith("550 5.1.1"));
}

// --- warnings of the engine ---

/// A table whose entry is given up for a text of many hyphens.
std::string hard_table(const std::string& name) {
    std::string pattern = "*";
    for (int i = 0; i < 12; ++i) pattern += "*-*";
    return name + "\n\n  " + pattern + "$0*%!%  $Ya\n  *  $N\n";
}

const std::string hard_word = std::string(300, '-') + '!';

TEST_F(ExplanationTest, TableThatGivesUpIsToldWhereverItIsAsked) {
    list("[auth_mapping] HARD", hard_table("HARD"));
    probe_.sender = hard_word;
    EXPECT_THAT(decide().warnings, Contains(StartsWith("W_MATCH_LIMIT: ")));
    configure("", hard_table("FORWARD"));
    EXPECT_THAT(decide(hard_word + "@far.example").warnings, Contains(StartsWith("W_MATCH_LIMIT")));
}

class RuleWarningTest : public testing::Test {
protected:
    RuleWarningTest()
        : site_(test::make_site(
              {{"imta.cnf",
                "hard.example ${HARD,$U}%x.example@tcp_local-daemon\n"
                "mail.example.com $U@mail.example.com\n\n"
                "l\nmail.example.com\n\ntcp_local smtp switchchannel\ntcp_local-daemon\n\n"
                "process\nprocess-daemon\n\nreprocess\nreprocess-daemon\n\n"
                "hold\nhold-daemon\n\nbitbucket\nbitbucket-daemon\n"},
               {"mappings", hard_table("HARD") + "\n" + hard_table("REVERSE")}}
          )) {}

    const channel::Channel& channel() const { return *site_->imta.channels.find("tcp_local"); }

    config::ConfigurationPtr site_;
    mapping::NoAnswers answers_;
};

TEST_F(RuleWarningTest, TableCalledByARewriteRuleIsToldForSenderAndRecipient) {
    SenderProbe sender;
    sender.source = &channel();
    sender.address = hard_word + "@hard.example";
    EXPECT_THAT(
        decide_sender(*site_, sender, answers_).warnings, Contains(StartsWith("W_MATCH_LIMIT: "))
    );
    RecipientProbe recipient;
    recipient.source = &channel();
    recipient.address = sender.address;
    const auto decision = decide_recipient(*site_, recipient, answers_);
    EXPECT_TRUE(decision.refusal);  // the warning comes with a refusal, too
    EXPECT_THAT(decision.warnings, Contains(StartsWith("W_MATCH_LIMIT: ")));
}

TEST_F(RuleWarningTest, ReverseIsToldAndExplained) {
    Trace trace;
    std::set<std::string> warnings;
    const CopyContext copy{*site_, channel(), channel(), {}, answers_, &trace, &warnings};
    const auto out = outgoing_address(copy, AddressKind::header_backward, hard_word + "@a.example");
    EXPECT_EQ(out.value(), hard_word + "@a.example");
    EXPECT_THAT(warnings, Contains(HasSubstr("table REVERSE, entry ")));
    EXPECT_THAT(text_of(trace), HasSubstr("@a.example: it stays\n"));
    EXPECT_THAT(text_of(trace), HasSubstr("/site/config/mappings:"));
}

}  // namespace
}  // namespace sluice::policy
