#include "rewrite/expansion.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/rewrite/fake_answers.h"

namespace sluice::rewrite {
namespace {

class ExpansionTest : public testing::Test {
protected:
    // What a template makes of the address for a match of all but its host's last part.
    std::string run(std::string_view templ, std::string_view address = "Jane+Box@h.Example") {
        const auto first = find_first_host(address, false).value_or(FirstHost{});
        const HostParts parts(first.host);
        const auto dot = first.host.find('.');
        const Match match = dot == std::string_view::npos ? parts.exact() : parts.before(dot);
        const auto parsed = parse_template(templ);
        EXPECT_FALSE(parsed.problem) << templ;
        last_ = expand(parsed.value, {context_, options_, answers_, address, first, match});
        if (last_.verdict == Verdict::fails) {
            return "fails: " + explain(last_.unmet, context_, first.position) +
                   std::string(last_.reason);
        }
        if (last_.verdict == Verdict::not_now) return "not now";
        return last_.value.to_debug_string();
    }
    std::string error_of(std::string_view templ) {
        run(templ);
        if (!last_.value.error) return "-";
        return last_.value.error->status.to_string() + ' ' + last_.value.error->text;
    }

    Context context_;
    Options options_;
    FakeAnswers answers_;
    Expanded last_;
};

TEST_F(ExpansionTest, HasItsForms) {
    EXPECT_EQ(run("a%b@c"), "a%b to c");
    EXPECT_EQ(run("a@b"), "a%b to b");
    EXPECT_EQ(run("a%b"), "a%b (again)");
    EXPECT_EQ(run("a@b@c"), "a%b via c to c");
    EXPECT_EQ(run("a@b@c@d"), "a%b via c to d");
    EXPECT_EQ(run("a%b@c@d"), "a%b via c to d");
    EXPECT_EQ(run("$?text"), "error text only");
}

TEST_F(ExpansionTest, SubstitutesPartsOfTheAddress) {
    EXPECT_EQ(run("$U%$H$D@x"), "Jane+Box%h.Example to x");
    EXPECT_EQ(run("$0U.$1U%$1H$1D@x"), "Jane.+Box% to x");
    EXPECT_EQ(run("$&0$!0%$*0$#0@x"), "hh%ExampleExample to x");
    EXPECT_EQ(run("a$$$%$@b%c@x"), "a$%@b%c to x");
    EXPECT_EQ(run("$W$W%c@x"), "U1U2%c to x");
}

TEST_F(ExpansionTest, InsertsValuesAsTheyAre) {
    EXPECT_EQ(run("$U%x@y", "a%b!c$U@h"), "a%b!c$U%x to y");
}

TEST_F(ExpansionTest, FailsWhereAPartDoesNotExist) {
    EXPECT_EQ(run("$U%$&1@x"), "fails: a part of the host that does not exist ($& $! $* $#)");
    EXPECT_EQ(run("$U%$#1@x"), "fails: a part of the host that does not exist ($& $! $* $#)");
}

TEST_F(ExpansionTest, SwitchesCaseOfAllThatFollows) {
    EXPECT_EQ(run("$\\$U$^%$H-up$_$D@$\\X"), "jane+box%H-UP.Example to x");
}

TEST_F(ExpansionTest, QuotesForLdapFilters) {
    answers_.directory["ldap:///(m=a\\2a\\28b\\29\\5cc)"] = "found*";
    EXPECT_EQ(run("$U%$]ldap:///(m=$=$U$_)[@x", "a*(b)\\c@h.example"), "a*(b)\\c%found* to x");
}

TEST_F(ExpansionTest, JoinsQuotedWords) {
    EXPECT_EQ(run("$U%x@y", "a.\"b c\"@h.example"), "\"a.b c\"%x to y");
    EXPECT_EQ(run("$U%x@y", "g!a.\"b\"@h.example"), "g!a.\"b\"%x to y");
}

TEST_F(ExpansionTest, LeavesQuotedSubaddressesWhole) {
    EXPECT_EQ(run("$0U|$1U%x@y", "\"a+b\"@h.example"), "\"a+b\"|%x to y");
    EXPECT_EQ(run("$0U|$1U%x@y", "\"a b\"+c@h.example"), "\"a b\"|+c%x to y");
    EXPECT_EQ(run("$0U|$1U%x@y", "+a@h.example"), "+a|%x to y");
}

TEST_F(ExpansionTest, EndsArgumentsAtSeparatorsAndOtherArguments) {
    context_.source.name = "tcp_a";
    EXPECT_EQ(run("$Mtcp_a%b@c"), "%b to c");
    EXPECT_EQ(run("a%b@c$Mtcp_a$Ntcp_b$Tvip|"), "a%b to c");
    EXPECT_EQ(last_.value.tag, "vip|");
    EXPECT_EQ(run("a%b@c$Mtcp_$Ea"), "a%b to c") << "other controls do not end an argument";
    answers_.local_domains.insert("h");
    EXPECT_EQ(run("a%b$V$H$Z$D@c"), "a%b to c");
    EXPECT_EQ(run("a%b@c$Mtcp_a$V$H"), "a%b to c");
}

TEST_F(ExpansionTest, SetsErrorsWithTheirCode) {
    EXPECT_EQ(error_of("a%b@c"), "-");
    EXPECT_EQ(error_of("a%b@c$?gone away"), "5.1.2 gone away");
    EXPECT_EQ(error_of("a%b@c$4001002?later"), "4.1.2 later");
    EXPECT_EQ(error_of("a%b@c$5007123?for $U"), "5.7.123 for Jane+Box");
    EXPECT_EQ(error_of("a%b@c$?one$?two"), "5.1.2 two");
    EXPECT_EQ(error_of("a%b@c$4000000?"), "4.0.0 unknown host or domain");
    EXPECT_EQ(error_of("$?write to a@b, 100% sure $&7$E"), "5.1.2 write to a@b, 100% sure ");
}

TEST_F(ExpansionTest, ForgetsEverythingOfARuleThatFails) {
    EXPECT_EQ(run("a%b@c$Tvip|$?text$B"), "fails: not a header address ($B)");
    EXPECT_FALSE(last_.value.tag);
    EXPECT_FALSE(last_.value.error);
    EXPECT_EQ(run("a%b@c$Tvip|$?text$Mtcp_b"), "fails: the source channel is  ($M)");
    EXPECT_EQ(last_.verdict, Verdict::fails);
}

TEST_F(ExpansionTest, ReadsResultsOfCallOutsAgain) {
    answers_.general["h"] = "x-$U%y@z";
    EXPECT_EQ(run("$($H)"), "x-Jane+Box%y to z");
    answers_.general["half"] = "$U%";
    EXPECT_EQ(run("$(half)y@z"), "Jane+Box%y to z");
    answers_.general["dollar"] = "$";
    EXPECT_EQ(run("$(dollar)U%y@z"), "Jane+Box%y to z");
    answers_.mappings["M"] = {{"jane*", "$0@q$Y"}};
    EXPECT_EQ(run("a%${M,$U}"), "a%+Box to q");
    answers_.routines["i,r,Jane+Box"] = "$^u";
    EXPECT_EQ(run("$[i,r,$U]%b@c"), "U%B to C");
}

TEST_F(ExpansionTest, AcceptsEmptyResults) {
    answers_.mappings["M"] = {{"*", "$Y"}};
    EXPECT_EQ(run("${M,x}a%b@c"), "a%b to c");
}

TEST_F(ExpansionTest, TakesALoneErrorTextFromACallOut) {
    answers_.general["h"] = "$5001006?moved to a@b";
    EXPECT_EQ(error_of("$($H)"), "5.1.6 moved to a@b");
    EXPECT_EQ(last_.value.form, Form::error_only);
    EXPECT_EQ(run("$($H)%x@y").substr(0, 5), "fails");
}

TEST_F(ExpansionTest, FailsWhereCallOutsFindNothing) {
    EXPECT_EQ(run("$($H)"), "fails: nothing found by a call-out");
    EXPECT_EQ(run("${M,x}a%b@c"), "fails: nothing found by a call-out");
    EXPECT_EQ(run("$[i,r,x]a%b@c"), "fails: nothing found by a call-out");
    EXPECT_EQ(run("a%b@$]x["), "fails: nothing found by an LDAP query");
}

TEST_F(ExpansionTest, FailsOnRecursionInTheGeneralDatabase) {
    answers_.general["a"] = "$(b)";
    answers_.general["b"] = "x";
    EXPECT_EQ(run("$(a)%b@c"), "fails: $( in a general database entry");
    answers_.general["a"] = "$$(b)";
    EXPECT_EQ(run("$(a)%b@c"), "$(b)%b to c");
    EXPECT_EQ(run("$(b)$(b)%b@c"), "xx%b to c");
}

TEST_F(ExpansionTest, FailsOnMalformedResults) {
    answers_.general["a"] = "$J";
    EXPECT_EQ(run("$(a)%b@c"), "fails: a result from outside is no part of a template");
    answers_.general["a"] = "x";
    EXPECT_EQ(run("$(a)"), "fails: template with none of the possible forms");
}

TEST_F(ExpansionTest, StopsMappingsThatCallThemselves) {
    answers_.routines["i,r,x"] = "$[i,r,x]";
    EXPECT_EQ(run("$[i,r,x]%b@c"), "fails: too many call-outs");
    answers_.routines["i,r,x"] = std::string(Ceilings::expansion + 1, 'a');
    EXPECT_EQ(run("$[i,r,x]%b@c"), "fails: expansion of the template is too long");
}

TEST_F(ExpansionTest, IsTemporaryWhereASourceIsSilent) {
    answers_.silent = true;
    EXPECT_EQ(run("$($H)"), "not now");
    EXPECT_EQ(run("${M,x}a%b@c"), "not now");
    EXPECT_EQ(run("$[i,r,x]a%b@c"), "not now");
}

TEST_F(ExpansionTest, UsesTheFallbackOfASilentDirectory) {
    answers_.silent = true;
    EXPECT_EQ(run("a%b@$]x["), "fails: nothing found by an LDAP query");
    EXPECT_EQ(run("$.later$@a$.b.a%b@$]x[-c"), "a%b to later@a.b-c");
    EXPECT_EQ(run("$.later.$..a%b@$]x["), "fails: nothing found by an LDAP query");
    answers_.silent = false;
    EXPECT_EQ(run("$.later.a%b@$]x["), "fails: nothing found by an LDAP query");
}

TEST_F(ExpansionTest, ReplacesTheRestWhereLocalityIsUnknown) {
    answers_.silent = true;
    context_.source.name = "tcp_submit";
    const std::string_view rule = "$E$F$U%$H$V$H@mail.example";
    EXPECT_EQ(run(rule), "Jane+Box%h to reprocess-daemon");
    EXPECT_FALSE(last_.value.error);
    context_.source.name = "tcp_local";
    EXPECT_EQ(run(rule), "Jane+Box%h to reprocess-daemon-error");
    EXPECT_EQ(last_.value.error->status, (StatusCode{4, 0, 0}));
    EXPECT_EQ(last_.value.error->text, "Temporary lookup failure");
    context_.source = {"reprocess", false, false, true};
    EXPECT_EQ(run(rule), "Jane+Box%h to reprocess-daemon-error");
}

TEST_F(ExpansionTest, ReplacesTheRestAfterAnArgumentAtTheEnd) {
    answers_.silent = true;
    options_.domain_failure = "$Tx|";
    EXPECT_EQ(run("$U%$D@y$V$H"), "Jane+Box%.Example to y");
    EXPECT_EQ(last_.value.tag, "x|");
    EXPECT_EQ(run("$U%$D@y$V$H$Ty|"), "Jane+Box%.Example to y");
    EXPECT_EQ(last_.value.tag, "x|");
}

TEST_F(ExpansionTest, IsTemporaryWhereLocalityHasNoSubstitute) {
    answers_.silent = true;
    options_.domain_failure = "$V$H";
    EXPECT_EQ(run("$U%$D@y$V$H"), "not now");
    options_.domain_failure = "";
    EXPECT_EQ(run("$U%$D@y$Z$H"), "not now");
}

TEST_F(ExpansionTest, EndsAtAFailedChannelCheckWithSuccess) {
    context_.source.name = "tcp_a";
    EXPECT_EQ(run("a%b@c$Mtcp_b$1~-d$Tvip|"), "a%b to c");
    EXPECT_FALSE(last_.value.tag);
    EXPECT_EQ(run("a%b@c$Mtcp_a$1~-d$Tvip|"), "a%b to c-d");
    EXPECT_EQ(last_.value.tag, "vip|");
    EXPECT_EQ(run("a%b@c$Mtcp_a$1~-d$Mtcp_b"), "fails: the source channel is tcp_a ($M)");
}

TEST_F(ExpansionTest, AsksNobodyWhereTheKindOfAddressIsWrong) {
    context_.forward = false;
    EXPECT_EQ(run("$E$F$U%$H$V$H@x"), "fails: not a recipient ($F)");
    EXPECT_TRUE(answers_.questions.empty());
}

TEST_F(ExpansionTest, PicksCharactersAndPartsInUrls) {
    answers_.directory["J Jane+Box@h.Example Example"] = "ok";
    EXPECT_EQ(run("a%b@$]$0A $A $1X[", "Jane+Box@h.Example"), "a%b to ok");
}

}  // namespace
}  // namespace sluice::rewrite
