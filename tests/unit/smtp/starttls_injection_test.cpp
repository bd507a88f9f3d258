// What stands behind STARTTLS, or behind the reply to it, was said in the clear: by whoever sits in
// between, for all anybody knows. Nothing of it may have an effect, wherever the network cuts it.
#include <gtest/gtest.h>

#include <array>

#include "smtp/client_session.h"
#include "smtp/standard_replies.h"
#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using namespace server_action;
using testing::test_client_settings;
using testing::test_server_settings;

constexpr std::array injections{
    "NOOP\r\n",
    "RSET\r\n",
    "EHLO evil.example\r\n",
    "MAIL FROM:<evil@example>\r\n",
    "EHLO evil.example\r\nMAIL FROM:<evil@example>\r\nRCPT TO:<victim@example>\r\nDATA\r\n",
    "AUTH PLAIN AGV2aWwAZXZpbA==\r\n",
    "BDAT 5 LAST\r\nhello",
    "STARTTLS\r\n",
    "STARTTLS\r\nSTARTTLS\r\nNOOP\r\n",
    "QUIT\r\n",
    "MAIL FROM:<half",
    "\r\n\r\n",
    "\n",
    "\r",
};

/// A server's shell that answers every question with yes, and does a handshake when told to: then
/// whatever was read before is dropped, as the action demands.
class ServerShell {
public:
    explicit ServerShell(bool refuses_early) {
        auto settings = test_server_settings();
        settings.starttls = true;
        settings.chunking = true;
        settings.auth_mechanisms = {"PLAIN"};
        settings.auth_without_tls = settings.auth_mechanisms;
        settings.refuse_early_pipelining = refuses_early;
        session_.emplace(std::make_shared<const ServerSettings>(settings));
        session_->greet();
        read("EHLO client.example\r\n");
        output_.clear();
        asked_.clear();
    }

    /// One read from the network.
    void read(std::string_view octets) {
        while (true) {
            const ServerAction action = session_->feed(octets);
            output_ += session_->take_output();
            if (std::holds_alternative<NeedInput>(action) || std::holds_alternative<Close>(action))
                return;
            if (std::holds_alternative<AwaitAnswer>(action) && awaits_tls()) return;
            if (std::holds_alternative<StartTls>(action)) {
                octets = {};
                continue;
            }
            asked_.push_back(to_debug_string(action));
            if (!std::holds_alternative<BadCommand>(action)) session_->answer(replies::ok());
        }
    }

    [[nodiscard]] bool awaits_tls() const {
        return session_->waiting() == ServerSession::Waiting::tls;
    }

    std::optional<ServerSession> session_;
    std::string output_;
    std::vector<std::string> asked_;
};

bool is_bad_command(const std::string& action) {
    return action.starts_with("BadCommand");
}

// The command and what is injected come in one piece.
TEST(StartTlsInjection, BehindTheCommandIsRefusedWithIt) {
    for (const std::string injected : injections) {
        SCOPED_TRACE(injected);
        ServerShell shell(true);
        shell.read("STARTTLS\r\n" + injected);
        EXPECT_FALSE(shell.awaits_tls());
        EXPECT_TRUE(shell.output_.starts_with("503 5.5.1 ")) << shell.output_;
        EXPECT_TRUE(std::all_of(shell.asked_.begin(), shell.asked_.end(), is_bad_command));
        EXPECT_FALSE(shell.session_->in_transaction());
        // Whoever asks alone, afterwards, gets it.
        shell.output_.clear();
        shell.read("\r\n");  // ends half a line
        shell.output_.clear();
        shell.read("STARTTLS\r\n");
        EXPECT_EQ(shell.output_, "220 2.5.0 Go ahead with TLS negotiation.\r\n");
        EXPECT_TRUE(shell.awaits_tls());
    }
}

TEST(StartTlsInjection, BehindTheCommandIsDroppedWhereEarlyCommandsPass) {
    for (const std::string injected : injections) {
        SCOPED_TRACE(injected);
        ServerShell shell(false);
        shell.read("STARTTLS\r\n" + injected);
        ASSERT_TRUE(shell.awaits_tls());
        EXPECT_EQ(shell.output_, "220 2.5.0 Go ahead with TLS negotiation.\r\n");
        shell.session_->tls_started();
        shell.output_.clear();
        shell.read("NOOP\r\n");
        EXPECT_EQ(shell.output_, "250 2.5.0 Ok.\r\n");
        EXPECT_TRUE(shell.asked_.empty());
        EXPECT_EQ(shell.session_->hello_name(), "");
    }
}

// All ways to cut the command and what follows into two reads: what is in the first read with the
// command is refused or dropped with it, what comes later stays with the shell until the handshake.
// Where STARTTLS was refused the session goes on in the clear: then the second read is what it is.
TEST(StartTlsInjection, IsWithoutEffectHoweverItIsCut) {
    for (const bool refuses_early : {true, false}) {
        for (const std::string injected : injections) {
            const std::string all = "STARTTLS\r\n" + injected;
            for (std::size_t cut = 1; cut < all.size(); ++cut) {
                SCOPED_TRACE(all.substr(0, cut) + " | " + all.substr(cut));
                ServerShell shell(refuses_early);
                shell.read(std::string_view(all).substr(0, cut));
                EXPECT_TRUE(std::all_of(shell.asked_.begin(), shell.asked_.end(), is_bad_command));
                EXPECT_FALSE(shell.session_->in_transaction());
                EXPECT_FALSE(shell.session_->is_authenticated());
                EXPECT_FALSE(shell.session_->is_tls());
                if (!shell.awaits_tls()) continue;
                // The core takes nothing: it is for the handshake, which it cannot be.
                std::string_view rest = std::string_view(all).substr(cut);
                const std::size_t size = rest.size();
                EXPECT_TRUE(std::holds_alternative<AwaitAnswer>(shell.session_->feed(rest)));
                EXPECT_EQ(rest.size(), size);
                shell.session_->tls_started();
                shell.output_.clear();
                shell.read("MAIL FROM:<a@b>\r\n");
                EXPECT_EQ(shell.output_, "503 5.5.1 No HELO or EHLO command has been given.\r\n");
            }
        }
    }
}

TEST(StartTlsInjection, FailedHandshakeEndsTheSession) {
    ServerShell shell(true);
    shell.read("STARTTLS\r\n");
    shell.session_->tls_failed();
    shell.output_.clear();
    shell.read("NOOP\r\n");
    EXPECT_EQ(shell.output_, "");
    EXPECT_TRUE(shell.session_->finished());
}

TEST(StartTlsInjection, ServerWithoutACertificateOffersNothing) {
    ServerShell shell(true);
    shell.session_->set_tls_available(false);
    shell.read("EHLO client.example\r\n");
    EXPECT_EQ(shell.output_.find("STARTTLS"), std::string::npos);
    shell.output_.clear();
    shell.read("STARTTLS\r\n");
    EXPECT_EQ(shell.output_, "502 5.5.1 STARTTLS command is not implemented\r\n");
}

TEST(StartTlsInjection, SessionThatBeganInTlsOffersNoMoreOfIt) {
    auto settings = test_server_settings();
    settings.starttls = settings.tls_required = true;
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    session.begin_in_tls();
    session.greet();
    std::string_view input = "EHLO client.example\r\nSTARTTLS\r\n";
    input = input.substr(0, 21);
    session.feed(input);
    EXPECT_EQ(session.take_output().find("STARTTLS"), std::string::npos);
    input = "STARTTLS\r\n";
    session.feed(input);
    EXPECT_EQ(session.take_output(), "503 5.5.1 TLS is already active.\r\n");
    input = "MAIL FROM:<a@b>\r\n";
    EXPECT_TRUE(std::holds_alternative<AskMail>(session.feed(input)));
}

// ---- the client ----

constexpr std::array lies{
    "250 trust me\r\n",
    "250-evil.example\r\n250-SIZE 10\r\n250 AUTH PLAIN\r\n",
    "421 go away\r\n",
    "220 go ahead\r\n",
    "25",
    "\r\n",
    "\x16\x03\x01",
};

/// A client's session up to the reply to STARTTLS.
ClientSession waiting_client() {
    auto settings = test_client_settings();
    settings.tls = ClientSettings::Need::may;
    ClientSession session(std::make_shared<const ClientSettings>(settings));
    for (const std::string_view reply : {"220 peer.example\r\n", "250-peer\r\n250 STARTTLS\r\n"}) {
        std::string_view input = reply;
        session.feed(input);
        (void)session.take_output();
    }
    return session;
}

TEST(StartTlsInjection, RepliesBehindTheConsentEndTheConnectionHoweverTheyAreCut) {
    for (const std::string lie : lies) {
        const std::string all = "220 go ahead\r\n" + lie;
        for (std::size_t cut = 1; cut <= all.size(); ++cut) {
            SCOPED_TRACE(all.substr(0, cut) + " | " + all.substr(cut));
            ClientSession session = waiting_client();
            std::string_view input = std::string_view(all).substr(0, cut);
            ClientEvent event = session.feed(input);
            if (std::holds_alternative<client_event::NeedInput>(event)) {
                input = std::string_view(all).substr(cut);
                event = session.feed(input);
            }
            if (std::holds_alternative<client_event::StartTls>(event)) {
                // The rest came later: the handshake gets it, which fails.
                EXPECT_EQ(cut, all.size() - lie.size());
                session.tls_failed("wrong version number");
                input = {};
                event = session.feed(input);
            }
            ASSERT_TRUE(std::holds_alternative<client_event::Unusable>(event));
            EXPECT_EQ(session.take_output(), "");
            EXPECT_FALSE(session.can_begin());
        }
    }
}

TEST(StartTlsInjection, ShellThatFeedsTheClientBeforeTheHandshakeIsNotBelieved) {
    for (const std::string lie : {"250 trust me\r\n", "250-evil\r\n250 AUTH PLAIN\r\n"}) {
        ClientSession session = waiting_client();
        std::string_view input = "220 go ahead\r\n";
        ASSERT_TRUE(std::holds_alternative<client_event::StartTls>(session.feed(input)));
        input = lie;
        EXPECT_TRUE(std::holds_alternative<client_event::Unusable>(session.feed(input)));
    }
}

}  // namespace
}  // namespace sluice::smtp
