#include "auth/dovecot_protocol.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "auth/dovecot_source.h"
#include "auth/pam_request.h"
#include "base/unique_fd.h"
#include "support/scratch_directory.h"

namespace sluice::auth {
namespace {

using dovecot::Reply;
using Fields = std::vector<std::string>;

TEST(DovecotLine, EscapesAreUndone) {
    EXPECT_EQ(dovecot::fields_of("a\tb\001tc\0011\001nd"), (Fields{"a", "b\tc\001\nd"}));
    EXPECT_EQ(dovecot::fields_of(""), (Fields{""}));
    EXPECT_EQ(dovecot::fields_of("x\001"), (Fields{"x\001"}));
    const Fields awkward{"AUTH", std::string("t\tn\nz\0q\001r\r", 11)};
    const std::string line = dovecot::line_of(awkward);
    EXPECT_EQ(dovecot::fields_of(line.substr(0, line.size() - 1)), awkward);
}

TEST(DovecotReply, SaysWhatBecameOfTheRequest) {
    auto reply = dovecot::parse_reply("OK\t1\tuser=amy@example.com\tuid=8", "1");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->kind, Reply::Kind::ok);
    EXPECT_EQ(reply->user, "amy@example.com");
    reply = dovecot::parse_reply("FAIL\t1\tuser=amy\treason=No way\tcode=user_disabled", "1");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->kind, Reply::Kind::fail);
    EXPECT_TRUE(reply->disabled);
    EXPECT_FALSE(reply->temporary);
    EXPECT_TRUE(dovecot::parse_reply("FAIL\t1\ttemp", "1")->temporary);
    EXPECT_TRUE(dovecot::parse_reply("FAIL\t1\tcode=temp_fail", "1")->temporary);
    reply = dovecot::parse_reply("CONT\t1\tYWJj", "1");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->response, "abc");
    EXPECT_EQ(dovecot::parse_reply("OK\t1\tuser=a\tresp=YWJj", "1")->response, "abc");
}

TEST(DovecotReply, OfAnotherRequestOrNonsenseIsNone) {
    for (const char* line : {"", "OK", "OK\t2\tuser=a", "CONT\t1\t***", "WHAT\t1", "NOTFOUND\t1"})
        EXPECT_FALSE(dovecot::parse_reply(line, "1")) << line;
}

TEST(DovecotHandshake, EndsWithDone) {
    dovecot::Handshake handshake;
    for (const char* line :
         {"VERSION\t1\t2", "MECH\tPLAIN\tplaintext", "MECH\tscram-sha-256", "SPID\t1", "CUID\t2"})
        handshake.take(line);
    EXPECT_FALSE(handshake.done);
    handshake.take("DONE");
    EXPECT_TRUE(handshake.done);
    EXPECT_EQ(handshake.mechanisms, (Fields{"PLAIN", "SCRAM-SHA-256"}));
    EXPECT_EQ(handshake.fault, "");
    dovecot::Handshake later;
    later.take("VERSION\t2\t0");
    EXPECT_NE(later.fault, "");
    dovecot::Handshake silent;
    silent.take("DONE");
    EXPECT_NE(silent.fault, "");
}

/// A service that says the same to everybody, and then waits or goes.
class Service {
public:
    explicit Service(std::string says, bool stays = true) : says_(std::move(says)), stays_(stays) {
        path_ = directory_.path("auth");
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path_.c_str());
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM, 0));
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::listen(listener_.get(), 8);
        thread_ = std::thread([this] {
            const UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
            [[maybe_unused]] const auto written = ::write(peer.get(), says_.data(), says_.size());
            char octets[1024];
            while (stays_ && ::read(peer.get(), octets, sizeof octets) > 0) {
            }
        });
    }
    ~Service() { thread_.join(); }

    Answer ask() {
        DovecotSource source(path_, "d.example", std::chrono::milliseconds(300));
        return source.check_password({}, "amy", Secret(std::string("x")));
    }

private:
    test::ScratchDirectory directory_;
    std::string path_;
    std::string says_;
    bool stays_;
    UniqueFd listener_;
    std::thread thread_;
};

#define HELLO "VERSION\t1\t2\nMECH\tPLAIN\nDONE\n"

TEST(DovecotSource, TakesTheServicesWord) {
    const Answer yes = Service(HELLO "OK\t1\tuser=Amy\n").ask();
    EXPECT_EQ(yes.kind, Answer::Kind::accepted);
    EXPECT_EQ(yes.identity.mail, "Amy@d.example");
    EXPECT_EQ(Service(HELLO "FAIL\t1\n").ask().kind, Answer::Kind::unknown);
}

// Fault A13: silent, slow, lying.
TEST(DovecotSource, NoWordIsNoAnswer) {
    for (const std::string& says :
         {std::string(), std::string("VERSION\t1\t2\n"), std::string(HELLO),
          std::string("VERSION\t9\t2\nDONE\n"), std::string("VERSION\t1\t2\nMECH\tOTP\nDONE\n"),
          std::string(HELLO "OK\t1\n"), std::string(HELLO "FAIL\t1\ttemp\n"),
          std::string(HELLO "OK\t2\tuser=eve\n"), std::string(40000, 'x')}) {
        EXPECT_EQ(Service(says).ask().kind, Answer::Kind::unavailable) << says.substr(0, 60);
        EXPECT_EQ(Service(says, false).ask().kind, Answer::Kind::unavailable) << says.substr(0, 60);
    }
    DovecotSource nowhere("/nonexistent/auth", "d.example");
    EXPECT_EQ(
        nowhere.check_password({}, "amy", Secret(std::string("x"))).kind, Answer::Kind::unavailable
    );
}

TEST(PamRequest, ThereAndBack) {
    const pam::Request request{"sluice", "", "amy", "192.0.2.1", Secret(std::string("p w"))};
    const auto packet = encode(request);
    ASSERT_TRUE(packet);
    const auto back = pam::decode_request(packet->reveal());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->user, "amy");
    EXPECT_EQ(back->password.reveal(), "p w");
    pam::Request bad = request;
    bad.password = Secret(std::string("a\0b", 3));
    EXPECT_FALSE(encode(bad));
    EXPECT_FALSE(pam::decode_request("x"));
    EXPECT_FALSE(pam::decode_verdict(""));
    EXPECT_FALSE(pam::decode_verdict("Zx"));
    EXPECT_EQ(pam::decode_verdict("Aamy")->text, "amy");
}

}  // namespace
}  // namespace sluice::auth
