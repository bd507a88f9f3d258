#include "access/decode.h"

#include <gtest/gtest.h>

#include "cases/cases.h"

namespace sluice::access {
namespace {

mapping::Outcome outcome_of(std::string_view flags, std::string output) {
    mapping::Outcome outcome;
    outcome.table_exists = true;
    outcome.matched = true;
    outcome.flags = mapping::OutputFlags(flags);
    outcome.output = std::move(output);
    return outcome;
}

Verdict decoded(
    AccessTable table,
    std::string_view flags,
    std::string output,
    const Options& options = {},
    std::string_view address = "bob@example.com"
) {
    const auto outcome = outcome_of(flags, std::move(output));
    if (table == AccessTable::port_access) return decode_port_access(outcome);
    return decode_access(table, outcome, address, options);
}

std::string reply_of(const Verdict& verdict) {
    return verdict.reply.empty() ? "-" : verdict.reply.lines.front();
}

TEST(AccessReplies, AreThoseOfTheExamples) {
    std::size_t count = 0;
    const auto ran = cases::run_table(
        SLUICE_TEST_CASES "/mapping/access-replies.tsv",
        [&](const cases::Outcome& outcome) {
            EXPECT_EQ(outcome.actual, outcome.expected) << outcome.id;
            ++count;
        }
    );
    EXPECT_TRUE(ran);
    EXPECT_GT(count, 20U);
}

struct Decoding {
    AccessTable table;
    const char* flags;
    const char* output;
    const char* result;
};

class Decodes : public testing::TestWithParam<Decoding> {};

TEST_P(Decodes, FlagsAndArguments) {
    const auto& row = GetParam();
    EXPECT_EQ(decoded(row.table, row.flags, row.output).to_debug_string(), row.result)
        << row.flags << " with " << row.output;
}

constexpr auto send = AccessTable::send_access;
constexpr auto from = AccessTable::from_access;
constexpr auto port = AccessTable::port_access;

INSTANTIATE_TEST_SUITE_P(
    Access,
    Decodes,
    testing::Values(
        // Every flag with an argument at once, in the order of the manual.
        Decoding{
            from, "UJK<>DTAGSX,N",
            "3|j@x|k@x|seen|no|30|[out]|X-A: b|t1, t2|10,20,30|4.7.1|2.5|Later | really",
            "refuse 451 4.7.1 Later | really: bob@example.com [delay=30,all debug=3 from=j@x "
            "sender=k@x tag=[out] header=\"X-A: b\" tags=t1,t2 syslog=seen syslog=no "
            "spamadjust=2.5 blocklimit=10 recipientlimit=20 recipientcutoff=30]"},
        Decoding{
            send, "DN", "", "refuse 550 5.1.2 unknown host or domain: bob@example.com [warning]"},
        Decoding{send, "DY", "100000000", "permit [warning]"},
        Decoding{send, "DY", "-9223372036854775808", "permit [warning]"},
        Decoding{send, "UY", "loud", "permit [warning]"},
        Decoding{send, "JGY", "a@x|tag", "permit [tags=tag warning]"},
        Decoding{send, "!Y", "", "permit [warning]"},
        Decoding{send, "SY", "1,2", "permit [warning]"},
        Decoding{from, "SY", ",5", "permit [recipientlimit=5]"},
        Decoding{
            from, "SY", "1,2,3,4",
            "permit [blocklimit=1 recipientlimit=2 recipientcutoff=3 warning]"},
        Decoding{send, "AY", "no header", "permit [warning]"},
        Decoding{send, "AY", "X-A: b\r\nX-Forged: c", "permit [header=\"X-A: b  X-Forged: c\"]"},
        Decoding{send, "VY", "", "permit [discard]"},
        Decoding{send, "ZY", "", "permit [jettison]"},
        Decoding{send, "BHVZN", "No", "refuse 550 5.7.1 No: bob@example.com [-]"},
        Decoding{
            send, "IY", "user|group",
            "refuse 550 5.1.2 unknown host or domain: bob@example.com [-]"},
        Decoding{send, "IN", "user|group|No", "refuse 550 5.7.1 No: bob@example.com [-]"},
        Decoding{send, "NX", "5.7|No", "refuse 550 5.7.1 No: bob@example.com [warning]"},
        Decoding{send, "NX", "2.7.1|No", "refuse 550 5.7.1 No: bob@example.com [warning]"},
        Decoding{send, "NX", "5.7.1000|No", "refuse 550 5.7.1 No: bob@example.com [warning]"},
        Decoding{
            send, "NX", "4.7.1|", "refuse 450 4.7.1 unknown host or domain: bob@example.com [-]"},
        Decoding{
            port, "N", "554 5.7.1 Go~away~554 now", "refuse 554-5.7.1 Go 554-away 554 now [close]"},
        Decoding{port, "N", "one~two", "refuse 500-5.7.1 one 500 two [close]"},
        Decoding{
            port, "NT", "||known spammer",
            "refuse 500 5.7.1 Access denied [log=known spammer close transport-record]"},
        Decoding{
            port, "F<>", "hit|blocked|554 No|maybe||for the log",
            "refuse 554 No|maybe [syslog=hit syslog=blocked log=for the log close]"},
        Decoding{
            port, "Y<>", "hit|blocked|EXTERNAL||why",
            "permit [syslog=hit ruleset=EXTERNAL log=why]"},
        Decoding{
            port, "UD>N", "4|x|200|554 No", "refuse 554 No [delay=200,all debug=4 syslog=x close]"},
        Decoding{port, "", "text", "permit [-]"}
    )
);

TEST(AccessReplies, SayMoreWhereTheOptionAllows) {
    Options options;
    options.access_errors = true;
    EXPECT_EQ(
        reply_of(decoded(send, "N", "", options)),
        "550 5.7.1 you are not allowed to use this address: bob@example.com"
    );
}

TEST(AccessReplies, LeaveTheAddressOutForTheNullPath) {
    EXPECT_EQ(reply_of(decoded(from, "N", "No bounces", {}, "")), "550 5.7.1 No bounces");
}

TEST(AccessReplies, NeverShowTheProbeWhereEveryTemplateFailed) {
    auto outcome = outcome_of("ND", "tcp_local|amy@example.com|l|bob@example.com");
    outcome.matched = false;
    const auto verdict = decode_access(send, outcome, "bob@example.com", {});
    EXPECT_EQ(reply_of(verdict), "550 5.1.2 unknown host or domain: bob@example.com");
}

TEST(Verdict, LaterTablesAddToEarlierOnes) {
    auto verdict = decoded(send, "UDAHY", "2|50|X-A: 1", {});
    verdict.merge(decoded(AccessTable::mail_access, "DABSY", "-20|X-B: 2", {}));
    EXPECT_EQ(
        verdict.to_debug_string(),
        "permit [delay=20,this debug=2 header=\"X-A: 1\" header=\"X-B: 2\" bitbucket hold warning]"
    );
    verdict.merge(decoded(AccessTable::mail_access, "N", "No", {}));
    EXPECT_EQ(
        verdict.to_debug_string(),
        "refuse 550 5.7.1 No: bob@example.com [delay=20,this debug=2 header=\"X-A: 1\" "
        "header=\"X-B: 2\" warning]"
    );
}

}  // namespace
}  // namespace sluice::access
