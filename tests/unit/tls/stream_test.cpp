#include "tls/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "support/certificates.h"
#include "support/scratch_directory.h"
#include "tls/client_context.h"
#include "tls/server_contexts.h"

namespace sluice::tls {
namespace {

using test::CertificateWish;
using test::make_certificate;
using test::TestCertificate;

/// Both ends of a connection in one thread.
class StreamTest : public testing::Test {
protected:
    StreamTest() {
        ::signal(SIGPIPE, SIG_IGN);
        authority_ = make_certificate({.common_name = "Test CA", .is_authority = true});
        anchors_ = test::write_file(path("ca.pem"), pem_of(authority_));
        client_.trust_anchors = anchors_;
        server_.trust_anchors = anchors_;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return directory_.path(name); }
    CertificateFiles files(const std::string& name, CertificateWish wish) {
        if (wish.issuer == nullptr) wish.issuer = &authority_;
        const auto made = make_certificate(wish);
        const std::string all = pem_of(made) + key_pem_of(made);
        const std::string file = test::write_file(path(name), all);
        return {file, file};
    }

    struct Ends {
        UniqueFd server_socket;
        UniqueFd client_socket;
        std::optional<Stream> server;
        std::optional<Stream> client;
        Io server_outcome = Io::wants_read;
        Io client_outcome = Io::wants_read;
    };

    void connect_sockets(Ends& ends) {
        int sockets[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
        ends.server_socket.reset(sockets[0]);
        ends.client_socket.reset(sockets[1]);
    }

    static bool is_waiting(Io step) { return step == Io::wants_read || step == Io::wants_write; }

    Ends meet(const ClientContext::Server& whom) {
        Ends ends;
        connect_sockets(ends);
        std::vector<std::string> faults;
        if (!contexts_) {
            auto made = ServerContexts::make(server_, faults);
            EXPECT_TRUE(made) << made.error().detail();
            contexts_ = *std::move(made);
        }
        if (!client_context_) {
            auto made = ClientContext::make(client_);
            EXPECT_TRUE(made) << made.error().detail();
            client_context_ = *std::move(made);
        }
        ends.server = *contexts_->accept(ends.server_socket.get());
        ends.client = *client_context_->connect(ends.client_socket.get(), whom);
        for (int turn = 0; turn < 20; ++turn) {
            if (is_waiting(ends.client_outcome)) ends.client_outcome = ends.client->handshake();
            if (is_waiting(ends.server_outcome)) ends.server_outcome = ends.server->handshake();
        }
        return ends;
    }

    static std::string read_all(Stream& from) {
        std::string all;
        std::array<char, 100> piece;
        std::size_t size = 0;
        while (from.read(piece, size) == Io::done) all.append(piece.data(), size);
        return all;
    }

    test::ScratchDirectory directory_;
    TestCertificate authority_;
    std::string anchors_;
    ServerSettings server_;
    ClientSettings client_;
    std::shared_ptr<const ServerContexts> contexts_;
    std::shared_ptr<ClientContext> client_context_;
};

TEST_F(StreamTest, CarriesOctetsBothWaysAndTellsWhatItIs) {
    server_.certificates = {files("a.pem", {})};
    Ends ends = meet({.host = "mail.example.com", .address = "192.0.2.1:25"});
    ASSERT_EQ(ends.client_outcome, Io::done) << ends.client->fault();
    ASSERT_EQ(ends.server_outcome, Io::done) << ends.server->fault();

    const Facts server = ends.server->facts();
    const Facts client = ends.client->facts();
    EXPECT_EQ(server.version, "TLSv1.3");
    EXPECT_EQ(server.bits, 256);
    EXPECT_EQ(info_text(server), "TLSv1.3-256-" + server.cipher);
    EXPECT_EQ(server.server_name, "mail.example.com");
    EXPECT_FALSE(server.peer);
    EXPECT_FALSE(server.resumed);
    ASSERT_TRUE(client.peer);
    EXPECT_TRUE(client.peer->verified) << client.peer->fault;
    EXPECT_EQ(client.peer->subject, "CN=mail.example.com");
    EXPECT_EQ(client.peer->issuer, "CN=Test CA");
    EXPECT_EQ(server.exporter.size(), 32U);
    EXPECT_EQ(server.exporter, client.exporter);
    EXPECT_EQ(server.server_end_point.size(), 32U);
    EXPECT_EQ(server.server_end_point, client.server_end_point);

    std::size_t size = 0;
    EXPECT_EQ(ends.client->write("EHLO a.example\r\n", size), Io::done);
    EXPECT_EQ(read_all(*ends.server), "EHLO a.example\r\n");
    EXPECT_EQ(ends.server->write("250 hello\r\n", size), Io::done);
    EXPECT_EQ(read_all(*ends.client), "250 hello\r\n");
    std::array<char, 10> piece;
    EXPECT_EQ(ends.client->read(piece, size), Io::wants_read);
    ends.server->say_goodbye();
    EXPECT_EQ(ends.client->read(piece, size), Io::closed);
}

TEST_F(StreamTest, CertificateIsChosenByTheNameThatTheClientGives) {
    server_.certificates = {
        files("a.pem", {.common_name = "a.example"}),
        files("star.pem", {.common_name = "x", .alternative_names = "DNS:*.b.example"}),
        files("b.pem", {.common_name = "y", .alternative_names = "DNS:mx.b.example"})};
    const auto shown = [&](const std::string& host) {
        Ends ends = meet({.host = host, .address = host});
        EXPECT_EQ(ends.client_outcome, Io::done) << ends.client->fault();
        return ends.client->facts().peer->common_name;
    };
    EXPECT_EQ(shown("a.example"), "a.example");
    EXPECT_EQ(shown("MX.b.example"), "y");
    EXPECT_EQ(shown("other.b.example"), "x");
    EXPECT_EQ(shown("unknown.example"), "a.example");
    EXPECT_EQ(shown("192.0.2.1"), "a.example");  // addresses are no names: none is given
}

TEST_F(StreamTest, HostMayHaveKeysOfTwoKinds) {
    server_.certificates = {
        files("ec.pem", {.common_name = "two.example"}),
        files("rsa.pem", {.common_name = "two.example", .rsa = true})};
    server_.least = client_.least = Version::tls_1_2;
    client_.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
    // TLS 1.2 clients that know RSA alone find a certificate too.
    Ends ends = meet({.host = "two.example", .address = "x"});
    EXPECT_EQ(ends.client_outcome, Io::done) << ends.client->fault();
}

TEST_F(StreamTest, CertificateOfAnotherHostIsNotVerified) {
    server_.certificates = {files("a.pem", {.common_name = "a.example"})};
    const Facts facts = meet({.host = "b.example", .address = "x"}).client->facts();
    ASSERT_TRUE(facts.peer);
    EXPECT_FALSE(facts.peer->verified);
    EXPECT_EQ(facts.peer->fault, "hostname mismatch");
    const Facts known =
        meet({.host = "b.example", .names = {"a.example"}, .address = "x"}).client->facts();
    EXPECT_TRUE(known.peer->verified) << known.peer->fault;
}

TEST_F(StreamTest, CertificateOfUnknownOriginOrPastItsTimeIsNotVerified) {
    const auto stranger = make_certificate({.common_name = "Other CA", .is_authority = true});
    server_.certificates = {files("a.pem", {.issuer = &stranger})};
    const ClientContext::Server whom{.host = "mail.example.com", .names = {}, .address = "x"};
    const Facts unknown = meet(whom).client->facts();
    EXPECT_FALSE(unknown.peer->verified);
    EXPECT_EQ(unknown.peer->fault, "unable to get local issuer certificate");
    contexts_.reset();
    server_.certificates = {files("b.pem", {.begins_in = -7200, .ends_in = -3600})};
    const Facts late = meet(whom).client->facts();
    EXPECT_FALSE(late.peer->verified);
    EXPECT_EQ(late.peer->fault, "certificate has expired");
}

TEST_F(StreamTest, ClientCertificateIsSeenWhereItIsAskedFor) {
    server_.certificates = {files("a.pem", {})};
    server_.ask = AskCertificate::ask;
    client_.certificate =
        files("client.pem", {.common_name = "joe", .alternative_names = "email:joe@example.com"});
    Ends ends = meet({.host = "mail.example.com", .address = "x"});
    ASSERT_EQ(ends.server_outcome, Io::done);
    const Facts facts = ends.server->facts();
    ASSERT_TRUE(facts.peer);
    EXPECT_TRUE(facts.peer->verified) << facts.peer->fault;
    EXPECT_EQ(facts.peer->common_name, "joe");
    EXPECT_EQ(facts.peer->mails, std::vector<std::string>{"joe@example.com"});
}

TEST_F(StreamTest, UnknownClientCertificateIsSeenButNotVerified) {
    const auto stranger = make_certificate({.common_name = "Other CA", .is_authority = true});
    server_.certificates = {files("a.pem", {})};
    server_.ask = AskCertificate::ask;
    client_.certificate = files("client.pem", {.common_name = "joe", .issuer = &stranger});
    Ends ends = meet({.host = "mail.example.com", .address = "x"});
    ASSERT_EQ(ends.server_outcome, Io::done) << ends.server->fault();
    ASSERT_TRUE(ends.server->facts().peer);
    EXPECT_FALSE(ends.server->facts().peer->verified);
}

TEST_F(StreamTest, ClientWithoutACertificateIsRefusedWhereOneIsRequired) {
    server_.certificates = {files("a.pem", {})};
    server_.ask = AskCertificate::require;
    Ends ends = meet({.host = "mail.example.com", .address = "x"});
    EXPECT_EQ(ends.server_outcome, Io::failed);
    EXPECT_EQ(ends.server->fault(), "peer did not return a certificate");
}

TEST_F(StreamTest, SessionIsResumedWithTheSameHostOnly) {
    server_.certificates = {files("a.pem", {})};
    const auto visit = [&](const std::string& address) {
        Ends ends = meet({.host = "mail.example.com", .address = address});
        std::size_t size = 0;
        EXPECT_EQ(ends.server->write("250\r\n", size), Io::done);
        EXPECT_EQ(read_all(*ends.client), "250\r\n");  // and the ticket
        EXPECT_EQ(ends.client->facts().resumed, ends.server->facts().resumed);
        return ends.client->facts();
    };
    EXPECT_FALSE(visit("192.0.2.1:25").resumed);
    const Facts second = visit("192.0.2.1:25");
    EXPECT_TRUE(second.resumed);
    EXPECT_TRUE(second.peer && second.peer->verified);
    EXPECT_TRUE(visit("192.0.2.1:25").resumed);
    EXPECT_FALSE(visit("192.0.2.2:25").resumed);
}

// What was sent before the handshake cannot be taken for a part of it.
TEST_F(StreamTest, PlainOctetsEndTheHandshake) {
    server_.certificates = {files("a.pem", {})};
    Ends ends = meet({.host = "mail.example.com", .address = "x"});
    connect_sockets(ends);
    ends.server = *contexts_->accept(ends.server_socket.get());
    ASSERT_EQ(::write(ends.client_socket.get(), "MAIL FROM:<a@b>\r\n", 17), 17);
    EXPECT_EQ(ends.server->handshake(), Io::failed);
    EXPECT_FALSE(ends.server->fault().empty());

    connect_sockets(ends);
    ends.client = *client_context_->connect(
        ends.client_socket.get(), {.host = "mail.example.com", .address = "x"}
    );
    ASSERT_EQ(::write(ends.server_socket.get(), "250 trust me\r\n", 14), 14);
    EXPECT_EQ(ends.client->handshake(), Io::failed);
}

TEST_F(StreamTest, PeerThatHangsUpIsGone) {
    server_.certificates = {files("a.pem", {})};
    Ends ends = meet({.host = "mail.example.com", .address = "x"});
    ends.client.reset();
    ends.client_socket.reset();
    std::array<char, 10> piece;
    std::size_t size = 0;
    EXPECT_EQ(ends.server->read(piece, size), Io::closed);
    ends.server->say_goodbye();

    connect_sockets(ends);
    ends.server = *contexts_->accept(ends.server_socket.get());
    ends.client_socket.reset();
    EXPECT_EQ(ends.server->handshake(), Io::closed);
}

TEST_F(StreamTest, SettingsThatMakeNoSenseAreExplained) {
    server_.certificates = {files("a.pem", {}), {path("none"), path("none")}};
    Findings findings = examine(server_);
    ASSERT_EQ(findings.errors.size(), 1U);
    EXPECT_NE(findings.errors[0].find(path("none")), std::string::npos);
    std::vector<std::string> faults;
    EXPECT_TRUE(ServerContexts::make(server_, faults));  // the others serve on

    server_.ciphers = "NONSENSE";
    findings = examine(server_);
    ASSERT_FALSE(findings.errors.empty());
    EXPECT_NE(findings.errors.back().find("TLS_CIPHERS=NONSENSE"), std::string::npos);

    client_.trust_anchors = path("none");
    EXPECT_EQ(examine(client_).errors.size(), 1U);
    server_ = {};
    EXPECT_EQ(examine(server_).errors, std::vector<std::string>{"no certificate is named"});
}

}  // namespace
}  // namespace sluice::tls
