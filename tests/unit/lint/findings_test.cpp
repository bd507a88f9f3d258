#include "lint_site.h"

namespace sluice::lint {

namespace {

/// A configuration with the finding, and one like it without.
struct Row {
    std::string name;
    std::string code;
    Changes guilty;
    Changes innocent;
    std::string place;  ///< "mappings:70" or what the text must contain
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.name;
}

const std::string job_controller_without_tcp = [] {
    std::string text = shipped("job_controller.cnf");
    const auto begin = text.find("[CHANNEL=tcp_*]");
    return text.erase(begin, text.find("[CHANNEL=process*]") - begin);
}();

std::string dispatcher_with(const std::string& parameter) {
    std::string text = shipped("dispatcher.cnf");
    const std::string old = "PARAMETER=CHANNEL=tcp_local";
    return text.replace(text.find(old), old.size(), "PARAMETER=" + parameter);
}

std::string mappings_without(const std::string& table) {
    std::string text = shipped("mappings");
    const auto begin = text.find('\n' + table + '\n');
    return text.replace(begin + 1, table.size(), "X-OLD");
}

std::vector<Row> rows() {
    const std::string catch_all = "$*   $U%$H@tcp_local-daemon\n";
    return {
        {"RuleBehindCatchAll",
         "L001",
         {{"imta.cnf", with_rules(catch_all)}},
         {{"imta.cnf", with_rules("$*  $U%$H@tcp_local-daemon$Mtcp_intranet\n")}},
         "always applies"},
        {"RuleWithTagNobodySets",
         "L001",
         {{"imta.cnf", with_rules("vip|.  $U%$H@tcp_local-daemon\n")}},
         {{"imta.cnf", with_rules("vip|.  $U%$H@tcp_local-daemon\nvip.example  $U%$D$Tvip|\n")}},
         "sets the tag vip|"},
        {"LiteralRuleBehindAllLiterals",
         "L001",
         {{"imta.cnf", with_rules("[*.*.*.*]  $U%$H@tcp_local-daemon\n")}},
         {{"imta.cnf", with_rules("[203.0.113.]  $U%[203.0.113.$L]@tcp_local-daemon\n")}},
         "L001"},
        {"SameEntryTwice",
         "L002",
         {{"mappings",
           with_table("X-A\n\n  a|*  $Yone\n  A|*  $Ytwo\n\nFORWARD\n\n  *  $|X-A;$0|$Y\n")}},
         {{"mappings",
           with_table("X-A\n\n  a|*  $Cone\n  a|*  $Ytwo\n\nFORWARD\n\n  *  $|X-A;$0|$Y\n")}},
         "ends the mapping"},
        {"EntryBehindEverything",
         "L002",
         {{"mappings", with_table("FORWARD\n\n  *  $Y\n  a@b.example  $Yc\n")}},
         {{"mappings", with_table("FORWARD\n\n  a@b.example  $Yc\n  *  $Y\n")}},
         "L002"},
        {"EntryInWiderNetwork",
         "L002",
         {{"mappings",
           with_table("IP_ACCESS\n\n  *|$(10.0.0.0/8)|*  $N\n  *|$(10.1.0.0/16)|*  $N\n")}},
         {{"mappings",
           with_table("IP_ACCESS\n\n  *|$(10.1.0.0/16)|*  $N\n  *|$(10.0.0.0/8)|*  $N\n")}},
         "L002"},
        {"ChannelWithoutRule",
         "L003",
         {{"imta.cnf", with_channel("tcp_extra smtp\ntcp_extra-daemon\n")}},
         {{"imta.cnf", with_channel("tcp_extra smtp\nextra.example.com\n")}},
         "tcp_extra"},
        {"ConditionOnUnknownChannel",
         "L004",
         {{"imta.cnf", with_rules("a.example  $U%$D@tcp_local-daemon$Mtcp_nowhere\n")}},
         {{"imta.cnf", with_rules("a.example  $U%$D@tcp_local-daemon$Mtcp_intranet\n")}},
         "tcp_nowhere"},
        {"RulesInACircle",
         "L005",
         {{"imta.cnf", with_rules("a.example  $U%b.example\nb.example  $U%a.example\n")}},
         {{"imta.cnf", with_rules("a.example  $U%b.example\nb.example  $U%c.example\n")}},
         "does not come to an end"},
        {"RuleThatGrows",
         "L005",
         {{"imta.cnf", with_rules(".grow.example  $U%x.$H$D\n")}},
         {{"imta.cnf", with_rules(".grow.example  $U%$H.example\n")}},
         "grow.example"},
        {"AliasesInACircle",
         "L006",
         {{"aliases", shipped("aliases") + "\none: two, eve\ntwo: one\n"}},
         {{"aliases", shipped("aliases") + "\none: two, eve\ntwo: adam\n"}},
         "one -> two -> one"},
        {"TableNobodyAsks",
         "L007",
         {{"mappings", with_table("X-LOST\n\n  *  $Y\n")}},
         {{"mappings", with_table("X-LOST\n\n  *  $Y\n\nFORWARD\n\n  *  $|X-LOST;$0|$Y\n")}},
         "X-LOST"},
        {"CallOfMissingTable",
         "L008",
         {{"mappings", with_table("FORWARD\n\n  *  $|X-GONE;$0|$Y\n")}},
         {{"mappings", with_table("FORWARD\n\n  *  $|INTERNAL_IP;$0|$Y\n")}},
         "X-GONE"},
        {"RuleThatCallsMissingTable",
         "L008",
         {{"imta.cnf", with_rules("a.example  ${X-GONE,$D}$U%$D@tcp_local-daemon\n")}},
         {{"imta.cnf", with_rules("a.example  ${INTERNAL_IP,$D}$U%$D@tcp_local-daemon\n")}},
         "X-GONE"},
        {"TablesInACircle",
         "L009",
         {{"mappings",
           with_table(
               "FORWARD\n\n  *  $|X-A;$0|$Y\n\nX-A\n\n  *  $|X-B;$0|$Y\n\nX-B\n\n  *  $|X-A;$0|$Y\n"
           )}},
         {{"mappings",
           with_table("FORWARD\n\n  *  $|X-A;$0|$Y\n\nX-A\n\n  *  $|X-B;$0|$Y\n\nX-B\n\n  *  $Y\n"
           )}},
         "X-A -> X-B -> X-A"},
        {"ChannelWithoutProgram",
         "L010",
         {{"job_controller.cnf", job_controller_without_tcp}},
         {{"job_controller.cnf",
           job_controller_without_tcp + "\n[CHANNEL=tcp_*]\nMASTER_COMMAND=NULL\n"}},
         "tcp_local"},
        {"ChannelWithUnknownPool",
         "L011",
         {{"imta.cnf", with_channel("tcp_extra smtp pool FAST_POOL\nextra.example.com\n")}},
         {{"imta.cnf", with_channel("tcp_extra smtp pool SMTP_POOL\nextra.example.com\n")}},
         "FAST_POOL"},
        {"ServiceOfUnknownChannel",
         "L012",
         {{"dispatcher.cnf", dispatcher_with("CHANNEL=tcp_none")}},
         {{"dispatcher.cnf", dispatcher_with("THREADS=2")}},
         "tcp_none"},
        {"NoPortAccess",
         "L013",
         {{"mappings", mappings_without("PORT_ACCESS")}},
         {},
         "PORT_ACCESS"},
        {"NoRecipientTable",
         "L013",
         {{"mappings", mappings_without("ORIG_SEND_ACCESS")}},
         {},
         "ORIG_SEND_ACCESS"},
        {"NobodyIsRefused",
         "L014",
         {{"mappings", mappings_without("ORIG_SEND_ACCESS")}},
         {},
         "without a password"},
        {"LogEntryThatDoesNotExist",
         "L030",
         {{"option.dat", "LOG_POSTOFFICE_EVENTS=all,-Conect\n"}},
         {{"option.dat", "LOG_POSTOFFICE_EVENTS=all,-Connect\nLOG_QMAIL_EVENTS=tcpserver\n"}},
         "Conect"},
        {"CommandThatIsNotLogged",
         "L030",
         {{"option.dat", "LOG_COMMANDS=mail,data\n"}},
         {{"option.dat", "LOG_COMMANDS=mail,rcpt\n"}},
         "data"},
        {"FormThatDoesNotExist",
         "L031",
         {{"option.dat", "LOG_STDOUT=xml\n"}},
         {{"option.dat",
           "LOG_STDOUT=JSON\nLOG_TIMESTAMP=none\nLOG_QMAIL_PID=process\nLOG_FULL_ACTION=stop\n"}},
         "LOG_STDOUT is xml"},
        {"ActionThatDoesNotExist",
         "L031",
         {{"option.dat", "LOOP_ACTION=bounce\n"}},
         {{"option.dat", "LOOP_ACTION=Return\n"}},
         "LOOP_ACTION is bounce"},
        {"ConversionByMissingChannel",
         "L015",
         {{"mappings", with_table("CONVERSIONS\n\n  *  Yes,Channel=conversion_fax\n")}},
         {{"mappings", with_table("CONVERSIONS\n\n  a  No,Channel=conversion_fax\n  *  Yes\n")}},
         "conversion_fax"},
        {"ConversionByOrdinaryChannel",
         "L015",
         {{"mappings", with_table("CONVERSIONS\n\n  *  Channel=l,Yes\n")}},
         {{"mappings", with_table("CONVERSIONS\n\n  *  Yes,Channel=$0\n")}},
         "does not begin with conversion"},
        {"KeywordNotOffered",
         "L016",
         {{"mappings", with_table("CHARSET-CONVERSION\n\n  *  Yes,Appledouble,Level\n")}},
         {{"mappings", with_table("CHARSET-CONVERSION\n\n  *  always,level,quoted-printable\n")}},
         "Appledouble"},
        {"UnknownCharacterSet",
         "L016",
         {{"mappings", with_table("CHARSET-CONVERSION\n\n  *  OUT-CHARSET=utf-88\n")}},
         {{"mappings",
           with_table("CHARSET-CONVERSION\n\n  *  IN-CHARSET=ISO-8859-15,OUT-CHARSET=utf-8\n")}},
         "utf-88"},
        {"ServiceNobodyAsksFor",
         "L017",
         {{"conversions", "in-type=text; service-command=\"/bin/true\"\n"}},
         {{"conversions", "in-type=text; service-command=\"/bin/true\"\n"},
          {"mappings", with_table("CHARSET-CONVERSION\n\n  *  Yes\n")}},
         "never runs"},
    };
}

class FindingTest : public testing::TestWithParam<Row> {};

TEST_P(FindingTest, IsFoundWhereItIs) {
    const Findings findings = findings_of(GetParam().guilty);
    const auto codes = codes_of(findings);
    EXPECT_NE(std::find(codes.begin(), codes.end(), GetParam().code), codes.end())
        << listing(findings);
    EXPECT_NE(listing(findings).find(GetParam().place), std::string::npos) << listing(findings);
}

TEST_P(FindingTest, IsNotFoundElsewhere) {
    const Findings findings = findings_of(GetParam().innocent);
    const auto codes = codes_of(findings);
    EXPECT_EQ(std::find(codes.begin(), codes.end(), GetParam().code), codes.end())
        << listing(findings);
}

INSTANTIATE_TEST_SUITE_P(Codes, FindingTest, testing::ValuesIn(rows()), [](const auto& row) {
    return row.param.name;
});

TEST(Lint, FindsNothingInTheShippedConfiguration) {
    const Findings findings = findings_of({});
    EXPECT_EQ(findings.items().size(), 0U) << listing(findings);
}

TEST(Lint, EveryCodeHasATest) {
    // These are tested elsewhere: silence_test.cpp; utility/tls_findings_test.cpp,
    // log_findings_test.cpp.
    const std::set<Code> others{
        Code::idle_silence, Code::unusable_tls_file, Code::faulty_certificate,
        Code::odd_tls_setting, Code::unusable_log_directory};
    for (const CodeRow& code : all_codes()) {
        if (others.count(code.id) > 0) continue;
        const auto all = rows();
        EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Row& row) {
            return row.code == code.code;
        })) << code.code;
    }
}

TEST(Lint, AnAliasThatNamesItselfIsAMailbox) {
    const Findings findings = findings_of({{"aliases", shipped("aliases") + "\neve: eve, adam\n"}});
    EXPECT_EQ(findings.items().size(), 0U) << listing(findings);
}

}  // namespace

}  // namespace sluice::lint
