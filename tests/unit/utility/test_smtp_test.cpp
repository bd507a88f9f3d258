// imsimta test -smtp: dialogues with a server that queues nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/instance_directory.h"
#include "unit/utility/command_run.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;
using testing::Not;

class TestSmtp : public testing::Test {
protected:
    void SetUp() override {
        instance_.write(
            "trial.cnf",
            "sesta.example $U@mail.sesta.example\n"
            "mail.sesta.example $U@mail.sesta.example\n"
            "[] $E$R${INTERNAL_IP,$L}$U%[$L]@tcp_intranet-daemon\n"
            ". $U%$H@tcp_local-daemon\n"
            "\n"
            "l\n"
            "mail.sesta.example\n"
            "\n"
            "tcp_local smtp single_sys switchchannel maytlsserver\n"
            "tcp_local-daemon\n"
            "\n"
            "tcp_intranet smtp single_sys allowswitchchannel\n"
            "tcp_intranet-daemon\n"
        );
        instance_.write(
            "trial.map",
            "PORT_ACCESS\n\n  TCP|*|*|192.0.2.66|*  $N554$ 5.7.1$ not$ from$ there\n\n"
            "INTERNAL_IP\n\n  192.168.*.*  $Y\n  127.0.0.1  $Y\n  *  $N\n\n"
            "ORIG_SEND_ACCESS\n\n  tcp_local|*|tcp_local|*  $NRelaying$ not$ allowed\n"
        );
    }
    CommandRun run(std::vector<std::string> switches, const std::string& script) {
        instance_.write("script", script);
        std::vector<std::string> words{
            "test", "-smtp", "-imta_cnf=" + instance_.path("trial.cnf"),
            "-mapping_file=" + instance_.path("trial.map"), "-script=" + instance_.path("script")};
        words.insert(words.end(), switches.begin(), switches.end());
        return CommandRun(words);
    }

    test::InstanceDirectory instance_{"test_smtp_test"};
};

constexpr const char* dialogue =
    "EHLO client.example\n"
    "MAIL FROM:<ann@siroe.example>\n"
    "RCPT TO:<joe.blue@sesta.example>\n"
    "RCPT TO:<bob@far.example>\n"
    "DATA\n"
    "Subject: x\n"
    "\n"
    "MAIL FROM:<nobody@example> is content here\n"
    ".\n"
    "QUIT\n"
    "never read\n";

TEST_F(TestSmtp, SaysWhatTheServerWouldSayAndWhy) {
    const CommandRun done = run({"-source=198.51.100.7"}, dialogue);
    EXPECT_EQ(done.code, ExitCode::done) << done.err;
    EXPECT_THAT(done.out, HasSubstr("source channel tcp_local\n"));
    EXPECT_THAT(done.out, HasSubstr("S: 220 mail.sesta.example "));
    EXPECT_THAT(done.out, HasSubstr("C: RCPT TO:<joe.blue@sesta.example>\n"));
    EXPECT_THAT(done.out, HasSubstr("    to joe.blue on channel l\n"));
    EXPECT_THAT(done.out, HasSubstr("S: 250 2.1.5 joe.blue@sesta.example"));
    EXPECT_THAT(done.out, HasSubstr("Relaying not allowed"));
    EXPECT_THAT(done.out, HasSubstr("ORIG_SEND_ACCESS"));
    EXPECT_THAT(done.out, HasSubstr("trial.map"));
    EXPECT_THAT(done.out, HasSubstr("S: 354 "));
    EXPECT_THAT(done.out, HasSubstr("S: 250 2.0.0 it would be queued; this is a test\n"));
    EXPECT_THAT(done.out, HasSubstr("S: 221 "));
    EXPECT_THAT(done.out, Not(HasSubstr("nobody@example")));
    EXPECT_THAT(done.out, Not(HasSubstr("never read")));
}

TEST_F(TestSmtp, OtherClientsComeByOtherChannels) {
    const CommandRun done = run({"-source=192.168.1.1"}, dialogue);
    EXPECT_THAT(done.out, HasSubstr("source channel tcp_intranet\n"));
    EXPECT_THAT(
        done.out, HasSubstr("    to bob@far.example on channel tcp_local, host far.example\n")
    );
    EXPECT_THAT(run({}, dialogue).out, HasSubstr("source channel tcp_intranet\n")) << "127.0.0.1";
}

TEST_F(TestSmtp, RefusedConnectionsEndAtOnce) {
    const CommandRun done = run({"-source=192.0.2.66"}, dialogue);
    EXPECT_EQ(done.code, ExitCode::failed);
    EXPECT_THAT(done.out, HasSubstr("S: 554 5.7.1 not from there\n"));
    EXPECT_THAT(done.out, Not(HasSubstr("C: ")));
}

TEST_F(TestSmtp, TheProtocolIsTheServersOwn) {
    const CommandRun done =
        run({},
            "RCPT TO:<joe@sesta.example>\nHELO client.example\nMAIL "
            "FROM:<>\nDATA\nNONSENSE\nRSET\nSTARTTLS\n");
    EXPECT_EQ(done.code, ExitCode::failed) << "nothing would have been queued";
    EXPECT_THAT(done.out, HasSubstr("C: RCPT TO:<joe@sesta.example>\nS: 503 "));
    EXPECT_THAT(done.out, HasSubstr("C: DATA\nS: 5"));
    EXPECT_THAT(done.out, HasSubstr("C: NONSENSE\nS: 500 "));
    EXPECT_THAT(done.out, HasSubstr("C: RSET\nS: 250 "));
}

TEST_F(TestSmtp, InJsonEveryExchangeIsAnObject) {
    const CommandRun done = run({"-source=198.51.100.7", "-json"}, dialogue);
    EXPECT_TRUE(done.out.starts_with("{\"source_channel\":\"tcp_local\"")) << done.out;
    EXPECT_THAT(
        done.out, HasSubstr("{\"command\":\"MAIL FROM:<ann@siroe.example>\",\"replies\":[\"250 ")
    );
    EXPECT_THAT(
        done.out, HasSubstr("\"destinations\":[{\"address\":\"joe.blue\",\"channel\":\"l\"")
    );
}

TEST_F(TestSmtp, MistakesInTheCommandLineAreSaid) {
    EXPECT_EQ(run({"-source=nowhere"}, "").code, ExitCode::usage);
    EXPECT_EQ(run({"-from=a@b.example"}, "").code, ExitCode::usage);
    EXPECT_EQ(run({"ann@siroe.example"}, "").code, ExitCode::usage);
    EXPECT_EQ(
        CommandRun({"test", "-rewrite", "-imta_cnf=" + instance_.path("trial.cnf"),
                    "-source=192.0.2.1", "a@b.example"})
            .code,
        ExitCode::usage
    );
}

}  // namespace
}  // namespace sluice::utility
