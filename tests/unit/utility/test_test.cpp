// imsimta test: trying files without an instance, and with one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/instance_directory.h"
#include "unit/utility/command_run.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;
using testing::Not;

class Test : public testing::Test {
protected:
    void SetUp() override {
        instance_.write(
            "trial.cnf",
            "sesta.example $U@mail.sesta.example\n"
            "mail.sesta.example $U@mail.sesta.example\n"
            ". $U%$H@tcp_local-daemon\n"
            "\n"
            "l subdirs 20 notices 1 2\n"
            "mail.sesta.example\n"
            "\n"
            "tcp_local smtp single_sys\n"
            "tcp_local-daemon\n"
        );
        instance_.write("trial.map", "ORIG_SEND_ACCESS\n\n  *|*|*|User@*  $NGo$ away!\n");
        instance_.write("trial.aliases", "staff: joe.blue, ann@siroe.example\n");
        instance_.write("table.map", "T\n\n  tcp_*|%@$[abc]*  $Y$0-$1$T\n");
    }
    [[nodiscard]] std::string file(const std::string& name, const std::string& value) const {
        return '-' + name + '=' + instance_.path(value);
    }
    [[nodiscard]] std::string cnf() const { return file("imta_cnf", "trial.cnf"); }

    test::InstanceDirectory instance_{"test_test"};
};

TEST_F(Test, RewriteShowsTheSectionsInTheirOrder) {
    const CommandRun run({"test", "-rewrite", cnf(), "joe.blue@sesta.example"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    std::size_t at = 0;
    for (const char* label :
         {"channel = l\n",
          "backward channel = l\n",
          "channel description =\n",
          "channel flags #1 = ",
          "channel envelope address type = SOURCEROUTE\n",
          "channel header address type = SOURCEROUTE\n",
          "channel official host  = mail.sesta.example\n",
          "channel local alias    =\n",
          "channel queue name     = l\n",
          "channel after param    =\n",
          "channel daemon name    =\n",
          "channel user name      =\n",
          "notices                = 1 2\n",
          "channel group ids      =\n",
          "header To: address           = joe.blue@mail.sesta.example\n",
          "header From: address         = joe.blue@mail.sesta.example\n",
          "envelope To: address         = joe.blue@mail.sesta.example   (route "
          "(mail.sesta.example,mail.sesta.example))\n",
          "envelope From: address       = joe.blue@mail.sesta.example\n",
          "name                         =\n",
          "mbox                         = joe.blue\n",
          "Extracted address action list:\n  joe.blue@sesta.example\n",
          "Extracted 733 address action list:\n  joe.blue@sesta.example\n",
          "Expanded address:\n  joe.blue@mail.sesta.example\n",
          "Submitted address list:\n  l\n    joe.blue (mail.sesta.example) *NOTIFY FAILURES* "
          "*NOTIFY DELAYS*\n",
          "Submitted notifications list:\n"}) {
        const std::size_t found = run.out.find(label, at);
        EXPECT_NE(found, std::string::npos) << label << " in\n" << run.out;
        if (found != std::string::npos) at = found;
    }
}

TEST_F(Test, RewriteExpandsTheAliasFile) {
    const CommandRun run({"test", "-rewrite", cnf(), file("alias_file", "trial.aliases"), "staff"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("  l\n    joe.blue (mail.sesta.example)"));
    EXPECT_THAT(run.out, HasSubstr("  tcp_local\n    ann@siroe.example (siroe.example)"));
}

// The line of the access-control chapter.
TEST_F(Test, RewriteShowsARefusal) {
    const CommandRun run(
        {"test", "-rewrite", cnf(), file("mapping_file", "trial.map"), "User@sesta.example"}
    );
    EXPECT_EQ(run.code, ExitCode::failed);
    EXPECT_THAT(
        run.out, HasSubstr("Submitted address list:\n"
                           "Address list error -- 5.7.1 Go away! User@sesta.example\n"
                           "Submitted notifications list:\n")
    );
    const CommandRun both(
        {"test", "-rewrite", cnf(), file("mapping_file", "trial.map"), "User@sesta.example", "joe"}
    );
    EXPECT_EQ(both.code, ExitCode::done);
}

TEST_F(Test, RewriteExplainsEveryStepWithItsPlace) {
    const CommandRun run({"test", "-rewrite", "-explain", cnf(), "joe@siroe.example"});
    EXPECT_THAT(run.out, HasSubstr("probe [siroe.example]"));
    EXPECT_THAT(run.out, HasSubstr(instance_.path("trial.cnf") + ":3"));
    EXPECT_THAT(run.out, HasSubstr("goes to channel tcp_local"));
    const CommandRun plain({"test", "-rewrite", cnf(), "joe@siroe.example"});
    EXPECT_THAT(plain.out, Not(HasSubstr("probe [")));
}

TEST_F(Test, RewriteInJsonIsOneObjectALine) {
    const CommandRun run({"test", "-rewrite", "-json", "-debug", cnf(), "joe@siroe.example"});
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
    EXPECT_THAT(run.out, HasSubstr("\"channel\":\"tcp_local\""));
    EXPECT_THAT(run.out, HasSubstr("\"accepted\":true"));
    EXPECT_THAT(
        run.out, HasSubstr("\"destinations\":[{\"address\":\"joe@siroe.example\",\"channel\":"
                           "\"tcp_local\",\"host\":\"siroe.example\"}]")
    );
    EXPECT_THAT(run.out, HasSubstr("\"trace\":["));
}

TEST_F(Test, RewriteAsksForAddresses) {
    ScriptedInput input({"joe@sesta.example", "", "ann@siroe.example"}, true);
    const CommandRun run({"test", "-rewrite", cnf()}, {}, &input);
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_THAT(input.prompts, HasSubstr("Address: "));
    EXPECT_THAT(run.out, HasSubstr("channel = l\n"));
    EXPECT_THAT(run.out, HasSubstr("channel = tcp_local\n"));
}

TEST_F(Test, RewriteTakesTheSendersSide) {
    instance_.write("from.map", "SEND_ACCESS\n\n  tcp_local|bad@*|*|*  $NNo\n");
    const std::vector<std::string> common{
        "test", "-rewrite", cnf(), file("mapping_file", "from.map"), "joe@sesta.example"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), common.begin(), common.end());
        return CommandRun(more).code;
    };
    EXPECT_EQ(with({}), ExitCode::done);
    EXPECT_EQ(with({"-from=bad@siroe.example"}), ExitCode::done);
    EXPECT_EQ(with({"-from=bad@siroe.example", "-source_channel=tcp_local"}), ExitCode::failed);
    EXPECT_EQ(with({"-from=bad@siroe.example", "-ip=192.0.2.1"}), ExitCode::failed);
    EXPECT_EQ(with({"-nofrom", "-source_channel=tcp_local"}), ExitCode::done);
    EXPECT_EQ(with({"-source_channel=nowhere"}), ExitCode::not_found);
}

TEST_F(Test, RewriteOfABadFileIsAConfigurationError) {
    instance_.write("bad.cnf", "sesta.example\n\nl\nmail.sesta.example\n");
    const CommandRun bad({"test", "-rewrite", file("imta_cnf", "bad.cnf"), "a@b"});
    EXPECT_EQ(bad.code, ExitCode::configuration);
    EXPECT_THAT(bad.err, HasSubstr("bad.cnf:1:"));
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", "-imta_cnf=/nowhere", "a@b"}).code, ExitCode::configuration
    );
    // Without a file there must be an instance.
    EXPECT_EQ(CommandRun({"test", "-rewrite", "a@b"}).code, ExitCode::configuration);
}

TEST_F(Test, RewriteUsesTheInstance) {
    const CommandRun run({"test", "-rewrite", "adam@example.com"}, instance_.tailor());
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("    adam (mail.example.com)"));
    // There the file of mailboxes counts.
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", "nobody@example.com"}, instance_.tailor()).code,
        ExitCode::failed
    );
}

TEST_F(Test, MappingPrintsAnItemALine) {
    const CommandRun run(
        {"test", "-mapping", file("mapping_file", "table.map"), "-table=t", "tcp_local|x@abba"}
    );
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_EQ(run.out, "match: yes\noutput: local-x\nflags: TY\n");
    const CommandRun no(
        {"test", "-mapping", file("mapping_file", "table.map"), "-table=T", "tcp_local|x@xyz"}
    );
    EXPECT_EQ(no.code, ExitCode::failed);
    EXPECT_EQ(no.out, "match: no\noutput: tcp_local|x@xyz\nflags: -\n");
    const CommandRun none({"test", "-mapping", file("mapping_file", "table.map"), "-table=U", "x"});
    EXPECT_THAT(none.out, HasSubstr("match: none\n"));
}

TEST_F(Test, MappingExplainsWhereTheDecisionStands) {
    const std::vector<std::string> words{
        "test", "-mapping", file("mapping_file", "table.map"), "-table=T", "tcp_local|x@abba"};
    auto explained = words;
    explained.emplace_back("-debug");
    EXPECT_THAT(CommandRun(explained).out, HasSubstr("table.map:3"));
    auto json = words;
    json.emplace_back("-json");
    EXPECT_THAT(CommandRun(json).out, testing::ContainsRegex("\"decided_by\":\"[^\"]*table.map:3"));
}

TEST_F(Test, MappingWithoutAFileUsesTheInstance) {
    const CommandRun run(
        {"test", "-mapping", "-table=INTERNAL_IP", "127.0.0.1"}, instance_.tailor()
    );
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_EQ(CommandRun({"test", "-mapping", "-table=T", "x"}).code, ExitCode::configuration);
    EXPECT_EQ(
        CommandRun({"test", "-mapping", file("mapping_file", "table.map"), "x"}).code,
        ExitCode::usage
    );
    instance_.write("bad.map", "T\n  a b\n");
    EXPECT_EQ(
        CommandRun({"test", "-mapping", "-table=T", file("mapping_file", "bad.map"), "x"}).code,
        ExitCode::configuration
    );
}

// The session of the reference manual.
TEST_F(Test, MatchShowsWhatEachWildcardTook) {
    const CommandRun run({"test", "-match", "-pattern=$[ax1]*@*.xyz.com", "xx11aa@sys1.xyz.com"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_EQ(run.out, "Match.\n0 - xx11aa\n1 - sys1\n");
    const CommandRun no({"test", "-match", "-pattern=$[ax1]*@*.xyz.com", "12a@node.xyz.com"});
    EXPECT_EQ(no.code, ExitCode::failed);
    EXPECT_EQ(no.out, "No match.\n");
    ScriptedInput input({"a*", "ab", "b"}, true);
    const CommandRun asked({"test", "-match"}, {}, &input);
    EXPECT_EQ(asked.out, "Match.\n0 - b\nNo match.\n");
    EXPECT_EQ(input.prompts, "Pattern: \nTarget: \nTarget: \nTarget: \n");
    EXPECT_EQ(CommandRun({"test", "-match", "-pattern=$[a", "x"}).code, ExitCode::configuration);
    EXPECT_EQ(CommandRun({"test", "-match"}).code, ExitCode::usage);
}

TEST_F(Test, CasesCountsWhatPassesAndFails) {
    const CommandRun all(
        {"test", "-cases", SLUICE_TEST_CASES "/rewrite", SLUICE_TEST_CASES "/parse"}
    );
    EXPECT_EQ(all.code, ExitCode::done);
    EXPECT_THAT(all.out, testing::MatchesRegex("[0-9]+ passed, 0 failed\n"));
    instance_.write(
        "m.tsv",
        "id\ttable\tprobe\tinput_flags\tmatch\tflags\toutput\tnote\n"
        "good\tT\tx\t-\tno\t-\tx\t\n"
        "bad\tT\tx\t-\tyes\t-\tx\t\n"
    );
    instance_.write("m.map", "T\n\n  a  b\n");
    const CommandRun mixed({"test", "-cases", instance_.path("m.tsv")});
    EXPECT_EQ(mixed.code, ExitCode::failed);
    EXPECT_THAT(mixed.out, HasSubstr("FAILED " + instance_.path("m.tsv") + " bad\n"));
    EXPECT_THAT(mixed.out, testing::EndsWith("1 passed, 1 failed\n"));
    EXPECT_EQ(CommandRun({"test", "-cases", "/nowhere"}).code, ExitCode::not_found);
    EXPECT_EQ(CommandRun({"test", "-cases"}).code, ExitCode::usage);
}

TEST_F(Test, OneFaceAtATime) {
    EXPECT_EQ(CommandRun({"test", "-match", "-mapping", "-mapping_file=x"}).code, ExitCode::usage);
    EXPECT_EQ(CommandRun({"test"}, instance_.tailor()).code, ExitCode::usage);
}

}  // namespace
}  // namespace sluice::utility
