// imsimta test: trying files without an instance, and with one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
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
    std::size_t at = 0;
    for (const std::string& label :
         {std::string("Explanation of the sender <postmaster@mail.sesta.example>:\n"),
          std::string("MAIL FROM:<postmaster@mail.sesta.example> is answered: 250 2.5.0 "),
          std::string("Explanation of joe@siroe.example:\n"),
          std::string("  joe@siroe.example is taken as joe@siroe.example: it has a host\n"),
          std::string("  rewriting joe@siroe.example\n"),
          std::string("    pass 1: joe@siroe.example: host siroe.example to the right of the @, "
                      "rest joe\n"),
          std::string("      no rule for  $*  siroe.example  *.example  .example  *.*\n"),
          instance_.path("trial.cnf") +
              ":3:1  .  `$U%$H@tcp_local-daemon`: makes joe%siroe.example to tcp_local-daemon\n",
          std::string("      (1 of 3 rules tried; the other 2 "),
          std::string("    done: joe@siroe.example -> tcp_local\n"),
          std::string("there is no table ORIG_SEND_ACCESS to be asked about "
                      "\"l|postmaster@mail.sesta.example|tcp_local|joe@siroe.example\"\n"),
          std::string("goes to channel tcp_local"),
          std::string("RCPT TO:<joe@siroe.example> is answered: 250 2.1.5 joe@siroe.example OK.\n"),
          std::string("channel = tcp_local\n")}) {
        const std::size_t found = run.out.find(label, at);
        EXPECT_NE(found, std::string::npos) << label << " in\n" << run.out;
        if (found != std::string::npos) at = found;
    }
    const CommandRun plain({"test", "-rewrite", cnf(), "joe@siroe.example"});
    EXPECT_THAT(plain.out, Not(HasSubstr("Explanation")));
}

TEST_F(Test, RewriteExplainsARefusalByTheEntryThatMadeIt) {
    const CommandRun run(
        {"test", "-rewrite", "-explain", cnf(), file("mapping_file", "trial.map"),
         "-from=bob@siroe.example", "User@sesta.example"}
    );
    EXPECT_EQ(run.code, ExitCode::failed);
    EXPECT_THAT(
        run.out, HasSubstr("is asked about \"l|bob@siroe.example|l|User@mail.sesta.example\"\n")
    );
    EXPECT_THAT(run.out, HasSubstr(instance_.path("trial.map") + ":3:3 `*|*|*|User@*` matches "));
    EXPECT_THAT(run.out, HasSubstr("sets flag N"));
    EXPECT_THAT(
        run.out, HasSubstr("RCPT TO:<User@sesta.example> is answered: 550 5.7.1 Go away!: "
                           "User@sesta.example\n")
    );
}

// What the switches say of the client is what the tables see.
TEST_F(Test, RewritePutsTheSessionIntoTheProbes) {
    instance_.write(
        "session.cnf",
        "[192.0.2.9] $U%[$L]@tcp_inside-daemon\n"
        "mail.sesta.example $U@mail.sesta.example\n"
        ". $U%$H@tcp_local-daemon\n\n"
        "l\nmail.sesta.example\n\n"
        "tcp_local switchchannel saslswitchchannel tcp_auth\ntcp_local-daemon\n\n"
        "tcp_inside\ntcp_inside-daemon\n\n"
        "tcp_auth\ntcp_auth-daemon\n"
    );
    instance_.write(
        "session.map",
        "PORT_ACCESS\n\n  TCP|*|*|192.0.2.66|*  $N554$ 5.7.1$ go$ away\n\n"
        "FROM_ACCESS\n\n  *  $:A$:T$Y\n\n"
        "MAIL_ACCESS\n\n  *  $:S$:E$Y\n"
    );
    const auto run = [&](std::vector<std::string> more) {
        std::vector<std::string> words{
            "test", "-rewrite", "-explain", file("imta_cnf", "session.cnf"),
            file("mapping_file", "session.map")};
        words.insert(words.end(), more.begin(), more.end());
        words.emplace_back("joe@mail.sesta.example");
        return CommandRun(words);
    };
    const CommandRun client = run(
        {"-ip=192.0.2.7", "-ehlo=client.example", "-tls=AES", "-auth=amy@mail.sesta.example",
         "-from=amy@mail.sesta.example", "-delivery_receipt", "-port=587"}
    );
    EXPECT_THAT(
        client.out, HasSubstr("TCP|127.0.0.1|587|192.0.2.7|0|SMTP/client.example/AES|MAIL|tcp_auth|"
                              "amy@mail.sesta.example|amy@mail.sesta.example")
    );
    EXPECT_THAT(client.out, HasSubstr("source channel tcp_auth, saslswitchchannel of"));
    EXPECT_THAT(client.out, Not(HasSubstr("is not set")));
    const CommandRun inside = run({"-ip=192.0.2.9"});
    EXPECT_THAT(inside.out, HasSubstr("source channel tcp_inside, to which the client belongs"));
    EXPECT_THAT(inside.out, HasSubstr("input flag A is not set"));
    const CommandRun refused = run({"-ip=192.0.2.66"});
    EXPECT_EQ(refused.code, ExitCode::failed);
    EXPECT_THAT(refused.out, HasSubstr("The connection is answered: 554 5.7.1 go away\n"));
    EXPECT_THAT(refused.out, HasSubstr("Address list error -- 554 5.7.1 go away\n"));
}

TEST_F(Test, MistakesInTheCommandLineAreSaid) {
    const auto usage = [](const std::vector<std::string>& words, const std::string& text) {
        const CommandRun run(words);
        EXPECT_EQ(run.code, ExitCode::usage) << text;
        EXPECT_THAT(run.err, HasSubstr(text));
    };
    usage({"test", "-rewrite", cnf(), "-ip=here", "a@b"}, "-ip=here is no IP address");
    usage({"test", "-rewrite", cnf(), "-port=0", "a@b"}, "-port=0 is no port number");
    usage({"test", "-rewrite", cnf(), "-table=T", "a@b"}, "-table has a meaning with -mapping");
    usage({"test", "-match", "-pattern=x", "-from=a", "x"}, "-from has a meaning with -rewrite");
    usage({"test", "-rewrite", cnf(), "-explain=some", "a"}, "the value can only be all");
    usage({"test", "-rewrite", cnf(), "-explain=all", "a"}, "-explain=all has a meaning with");
    const CommandRun nowhere({"test", "-rewrite", cnf(), "-destination_channel=nowhere", "a@b"});
    EXPECT_EQ(nowhere.code, ExitCode::not_found);
}

// --- switches of the family ---

TEST_F(Test, InputAndOutputMayBeFiles) {
    instance_.write("addresses", "joe@sesta.example\r\n\nann@siroe.example");
    const CommandRun run(
        {"test", "-rewrite", "-json", cnf(), file("input", "addresses"),
         "-output=" + instance_.path("found")}
    );
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_EQ(run.out, "");
    const std::string found = read_file(instance_.path("found")).value();
    EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 2);
    EXPECT_THAT(found, HasSubstr("{\"address\":\"ann@siroe.example\""));
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", cnf(), "-input=" + instance_.path("gone")}).code,
        ExitCode::not_found
    );
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", cnf(), "-output=/nowhere/at/all", "a@b"}).code,
        ExitCode::not_found
    );
    const CommandRun both({"test", "-rewrite", cnf(), file("input", "addresses"), "a@b"});
    EXPECT_EQ(both.code, ExitCode::usage);
    EXPECT_THAT(both.err, HasSubstr("and parameters exclude each other"));
}

TEST_F(Test, CheckExpansionsWantsEveryMemberGood) {
    instance_.write("some.aliases", "postmaster: joe\nteam: joe, x@gone.invalid\n");
    instance_.write("some.map", "SEND_ACCESS\n\n  *|x@gone.invalid  $NNot$ there\n");
    const auto words = [&](std::vector<std::string> more) {
        std::vector<std::string> out{
            "test",
            "-rewrite",
            file("imta_cnf", "trial_with_reprocess.cnf"),
            file("alias_file", "some.aliases"),
            file("mapping_file", "some.map"),
            "team"};
        out.insert(out.end(), more.begin(), more.end());
        return out;
    };
    instance_.write(
        "trial_with_reprocess.cnf",
        "mail.sesta.example $U@mail.sesta.example\n. $U%$H@tcp_local-daemon\n\n"
        "l\nmail.sesta.example\n\ntcp_local\ntcp_local-daemon\n\nreprocess\nreprocess-daemon\n"
    );
    const CommandRun usual(words({}));
    EXPECT_EQ(usual.code, ExitCode::done) << usual.err;
    EXPECT_THAT(
        usual.out, HasSubstr("Submitted notifications list:\n"
                             "  x@gone.invalid (550 5.7.1 Not there: team)\n")
    );
    EXPECT_THAT(usual.out, Not(HasSubstr("Address list error")));
    const CommandRun strict(words({"-check_expansions"}));
    EXPECT_EQ(strict.code, ExitCode::failed);
    EXPECT_THAT(strict.out, HasSubstr("Address list error -- 5.7.1 Not there x@gone.invalid\n"));
    EXPECT_EQ(CommandRun(words({"-nocheck_expansions"})).code, ExitCode::done);
    EXPECT_THAT(
        CommandRun(words({"-json"})).out,
        HasSubstr("\"failed_members\":[{\"address\":\"x@gone.invalid\",\"reply\":\"550 5.7.1 ")
    );
}

TEST_F(Test, MappingAndOptionFileMayBeLeftOut) {
    const std::vector<std::string> with{
        "test", "-rewrite", cnf(), file("mapping_file", "trial.map"), "User@sesta.example"};
    EXPECT_EQ(CommandRun(with).code, ExitCode::failed);
    const std::vector<std::string> without{
        "test", "-rewrite", cnf(), "-nomapping_file", "-nooption_file", "User@sesta.example"};
    EXPECT_EQ(CommandRun(without).code, ExitCode::done);
}

TEST_F(Test, SenderIsTheAddressThatFromAccessSees) {
    instance_.write("from.map", "FROM_ACCESS\n\n  *|amy@sesta.example  $NNot$ you\n");
    const CommandRun run(
        {"test", "-rewrite", cnf(), file("mapping_file", "from.map"), "-sender=amy@sesta.example",
         "joe@sesta.example"}
    );
    EXPECT_EQ(run.code, ExitCode::failed);
    EXPECT_THAT(run.out, HasSubstr("Address list error -- 5.7.1 Not you "));
}

TEST_F(Test, HeaderAddressesAreReversedForTheDestination) {
    instance_.write(
        "rev.map",
        "REVERSE\n\n  l|l|joe@*  $YJoe.Blue@sesta.example\n  *|tcp_local|joe@*  $Yj@x.example\n"
    );
    instance_.write("rev.opt", "USE_REVERSE_DATABASE=13\n");
    const auto run = [&](const std::string& more) {
        return CommandRun(
            {"test", "-rewrite", cnf(), file("mapping_file", "rev.map"),
             file("option_file", "rev.opt"), more, "joe@mail.sesta.example"}
        );
    };
    const CommandRun local = run("-explain");
    EXPECT_THAT(local.out, HasSubstr("header From: address         = Joe.Blue@sesta.example\n"));
    EXPECT_THAT(local.out, HasSubstr("envelope To: address         = joe@mail.sesta.example "));
    EXPECT_THAT(
        local.out,
        HasSubstr("Explanation of header To:, header From:, envelope From: for channel l:\n")
    );
    EXPECT_THAT(
        local.out,
        HasSubstr("reversing joe@mail.sesta.example: it becomes Joe.Blue@sesta.example\n")
    );
    EXPECT_THAT(local.out, HasSubstr(instance_.path("rev.map") + ":3:3 `l|l|joe@*` matches "));
    const CommandRun remote = run("-destination_channel=tcp_local");
    EXPECT_THAT(remote.out, HasSubstr("header From: address         = j@x.example\n"));
}

TEST_F(Test, LocalAliasIsWhatTheLocalHostIsCalled) {
    const CommandRun run(
        {"test", "-rewrite", cnf(), "-local_alias=mx.sesta.example", "joe@sesta.example"}
    );
    EXPECT_THAT(run.out, HasSubstr("header From: address         = joe@mx.sesta.example\n"));
    EXPECT_THAT(run.out, HasSubstr("envelope To: address         = joe@mx.sesta.example "));
}

TEST_F(Test, WhatIsNotBuiltIsRefusedAndItsDefaultTaken) {
    for (const std::string word : {"-filter", "-read_receipt", "-restricted=1"}) {
        const CommandRun run({"test", "-rewrite", cnf(), word, "joe@sesta.example"});
        EXPECT_EQ(run.code, ExitCode::usage) << word;
        EXPECT_THAT(run.err, HasSubstr("%TEST-E-NOTBUILT, " + word + ": ")) << word;
    }
    const CommandRun usual(
        {"test", "-rewrite", cnf(), "-nofilter", "-noread_receipt", "-restricted=0", "-noreprocess",
         "-database=(noalias,NODOMAIN)", "joe@sesta.example"}
    );
    EXPECT_EQ(usual.code, ExitCode::done) << usual.err;
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", cnf(), "-database=alias", "a@b"}).code, ExitCode::usage
    );
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", cnf(), "-image_file=x", "a@b"}).code, ExitCode::usage
    );
}

TEST_F(Test, MappingAsksForTheTable) {
    ScriptedInput input({"FIRST", "x"}, true);
    instance_.write("one.map", "FIRST\n\n  *  $Yfound\n");
    const CommandRun run({"test", "-mapping", file("mapping_file", "one.map")}, {}, &input);
    EXPECT_THAT(input.prompts, HasSubstr("Table name: \nInput string: \n"));
    EXPECT_THAT(run.out, HasSubstr("output: found\n"));
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
    EXPECT_THAT(run.out, HasSubstr("\"replies\":{\"mail_from\":\"250 2.5.0 "));
    EXPECT_THAT(run.out, HasSubstr("\"rcpt_to\":\"250 2.1.5 joe@siroe.example OK.\"}"));
    EXPECT_THAT(run.out, HasSubstr("\"explanation\":[{\"stage\":\"completed\","));
    EXPECT_THAT(
        run.out, HasSubstr(
                     "{\"event\":\"rule_matched\",\"file\":\"" + instance_.path("trial.cnf") +
                     "\",\"line\":3,\"pattern\":\".\""
                 )
    );
    EXPECT_THAT(run.out, HasSubstr("\"host\":\"siroe.example\",\"position\":\"at\""));
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
    EXPECT_THAT(
        CommandRun(explained).out,
        testing::AllOf(
            HasSubstr("  table T ("), HasSubstr("table.map:3:3 `tcp_*|%@$[abc]*` matches "),
            HasSubstr("      $0 gives \"local\"\n"), HasSubstr("      $T: sets flag T\n")
        )
    );
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
    const CommandRun why(
        {"test", "-match", "-explain", "-pattern=$[ax1]*@*.xyz.com", "xx@node.xyz.org"}
    );
    EXPECT_EQ(
        why.out,
        "  $[ax1]* takes \"xx\", field $0\n"
        "  @ takes \"@\"\n"
        "  * takes \"node.xyz\", field $1\n"
        "  expected `.xyz.com` at character 12 or later, found `.org`\n"
        "No match.\n"
    );
    const CommandRun json({"test", "-match", "-explain", "-json", "-pattern=a%", "ab"});
    EXPECT_THAT(
        json.out, HasSubstr("\"fields\":[\"b\"],\"elements\":[{\"source\":\"a\",\"text\":\"a\"},"
                            "{\"source\":\"%\",\"text\":\"b\",\"note\":\"$0\"}]")
    );
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
    EXPECT_THAT(mixed.out, HasSubstr("  because:\n"));
    EXPECT_THAT(mixed.out, HasSubstr("m.map:3:3 `a` on \"x\": no match: expected `a`"));
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
