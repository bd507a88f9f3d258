#include "cases/cases.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "../../support/site.h"

namespace sluice::cases {
namespace {

TEST(CaseTable, ReadsColumnsByName) {
    const Table table = parse_table("id\ta\tb\n1\tx\ty\n2\tz\n");
    ASSERT_EQ(table.rows.size(), 2U);
    EXPECT_EQ(cell(table.rows[0], "b"), "y");
    EXPECT_EQ(cell(table.rows[1], "b"), "");
    EXPECT_EQ(kind_of(table), Kind::unknown);
    EXPECT_TRUE(parse_table("").columns.empty());
}

TEST(CaseTable, UndoesEscapes) {
    EXPECT_EQ(unescaped("a\\tb\\n\\\\\\e\\q\\"), "a\tb\n\\q\\");
    EXPECT_EQ(dash_is_empty("-"), "");
}

TEST(CaseTable, KnowsDecisions) {
    EXPECT_EQ(kind_of(parse_table("id\tclient\tsender\trecipient\texpect\n")), Kind::decisions);
}

class Cases : public testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(directory_); }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory_ / name) << text;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
    std::vector<Outcome> run(const std::string& name) {
        std::vector<Outcome> outcomes;
        const auto ran =
            run_table(path(name), [&](const Outcome& one) { outcomes.push_back(one); });
        EXPECT_TRUE(ran) << ran.error().detail();
        return outcomes;
    }

    std::filesystem::path directory_ =
        std::filesystem::path(testing::TempDir()) / ("cases_test." + std::to_string(::getpid()));
};

TEST_F(Cases, DecisionsAreAboutTheSite) {
    write(
        "relay.tsv",
        "id\tclient\tsender\trecipient\texpect\n"
        "inside\t127.0.0.1\ta@b.example\tx@far.example\taccept tcp_local\n"
        "relay\t203.0.113.7\ta@b.example\tx@far.example\t550 5.7.1\n"
        "here\t203.0.113.7\t-\tadam@example.com\taccept l\n"
        "wrong\t203.0.113.7\ta@b.example\tx@far.example\taccept tcp_local\n"
        "nobody\tsomewhere\ta@b.example\tx@far.example\t550\n"
    );
    const auto site = test::make_site();
    std::vector<Outcome> outcomes;
    const auto keep = [&](const Outcome& one) { outcomes.push_back(one); };
    EXPECT_FALSE(run_table(path("relay.tsv"), keep));
    ASSERT_TRUE(run_table(path("relay.tsv"), keep, site.get()));
    ASSERT_EQ(outcomes.size(), 5U);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(outcomes[i].passed()) << outcomes[i].actual;
    EXPECT_FALSE(outcomes[3].passed());
    EXPECT_TRUE(outcomes[3].actual.starts_with("550 5.7.1 Relaying not permitted"));
    EXPECT_NE(outcomes[3].trace.find("ORIG_SEND_ACCESS"), std::string::npos) << outcomes[3].trace;
    EXPECT_EQ(outcomes[4].actual, "no address of a client: somewhere");
}

TEST_F(Cases, TablesWithoutAConfigurationAreAboutTheSite) {
    write(
        "probes.tsv",
        "id\ttable\tprobe\tinput_flags\tmatch\tflags\toutput\n"
        "1\tINTERNAL_IP\t127.0.0.1\t-\tyes\tY\t\\e\n"
    );
    write(
        "addresses.tsv",
        "id\tdirection\tsource\tdest\taddress\texpect_address\texpect_channel\texpect_error\n"
        "1\tenvelope-to\ttcp_local\t-\tadam@example.com\tadam@example.com\tl\t-\n"
    );
    const auto site = test::make_site();
    for (const char* name : {"probes.tsv", "addresses.tsv"}) {
        unsigned passed = 0;
        const auto count = [&](const Outcome& one) {
            EXPECT_TRUE(one.passed()) << one.actual;
            ++passed;
        };
        ASSERT_TRUE(run_table(path(name), count, site.get())) << name;
        EXPECT_EQ(passed, 1U);
    }
}

TEST_F(Cases, RewritingTellsPassFromFail) {
    write("a.cnf", "a.example $U@a.example\n\nl\na.example\n");
    write(
        "a.tsv",
        "id\tdirection\tsource\tdest\taddress\texpect_address\texpect_channel\texpect_error\tref\n"
        "1\tenvelope-to\tl\t-\tu@a.example\tu@a.example\tl\t-\t-\n"
        "2\tenvelope-to\tl\t-\tu@a.example\tv@a.example\tl\t-\t-\n"
    );
    const auto outcomes = run("a.tsv");
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_TRUE(outcomes[0].passed());
    EXPECT_FALSE(outcomes[1].passed());
    EXPECT_EQ(outcomes[1].actual, "u@a.example -> l");
    EXPECT_NE(outcomes[1].trace.find("a.cnf:1"), std::string::npos);
}

TEST_F(Cases, MappingTellsPassFromFail) {
    write("m.map", "T\n\n  a*  $Yb$0\n");
    write(
        "m.tsv",
        "id\ttable\tprobe\tinput_flags\tmatch\tflags\toutput\tnote\n"
        "1\tT\tax\t-\tyes\tY\tbx\t\n"
        "2\tT\tax\t-\tno\t-\tax\t\n"
    );
    const auto outcomes = run("m.tsv");
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_TRUE(outcomes[0].passed());
    EXPECT_FALSE(outcomes[1].passed());
}

TEST_F(Cases, DiagnosticsAreComparedAsAWhole) {
    write("p.cnf", "a.example $U@a.example\n\nl\na.example\n");
    write("p.diag.tsv", "file\tline\tseverity\tid\n");
    write("p.channels.tsv", "channel\tofficial_host\tlocal_host_alias\teffective_keywords\n");
    EXPECT_TRUE(run("p.diag.tsv").at(0).passed());
    EXPECT_FALSE(run("p.channels.tsv").at(0).passed());
}

TEST_F(Cases, UnusableTablesAreErrors) {
    write("u.tsv", "what\never\n");
    write("lonely.diag.tsv", "file\tline\tseverity\tid\n");
    write("bad.map", "T\n  a b\n");
    write("bad.tsv", "id\ttable\tprobe\tinput_flags\tmatch\tflags\toutput\n1\tT\ta\t-\tno\t-\ta\n");
    for (const char* name : {"u.tsv", "lonely.diag.tsv", "bad.tsv", "missing.tsv"}) {
        EXPECT_FALSE(run_table(path(name), [](const Outcome&) { FAIL(); })) << name;
    }
    EXPECT_FALSE(find_tables(path("missing")));
    EXPECT_EQ(find_tables(directory_)->size(), 3U);
}

}  // namespace
}  // namespace sluice::cases
