// Whole exchanges: the mechanisms as the server plays them, against GNU SASL's own clients and the
// published dialogues.
#include <gmock/gmock.h>
#include <gsasl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "auth/authenticator.h"
#include "auth/base64.h"
#include "auth/password_source.h"
#include "auth/server_exchange.h"
#include "base/deleter.h"
#include "support/scratch_directory.h"

namespace sluice::auth {
namespace {

using Kind = Step::Kind;

struct Client {
    std::string mechanism;
    std::string user = "amy";
    std::string password = "pencil";
    std::string authorize_as = {};
    std::string exporter = {};
};

class ExchangeTest : public testing::Test {
protected:
    ExchangeTest() : path_(directory_.path("passwords")) {
        PasswordEntry amy{"amy", {}, {}, false};
        for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha1})
            amy.secrets.push_back(*make_scram_secret(hash, "pencil", "0123456789abcdef", 4096));
        PasswordEntry gone = amy;
        gone.user = "gone";
        gone.disabled = true;
        PasswordEntry modern = amy;
        modern.user = "modern";
        modern.secrets.resize(1);
        modern.mail = "m@modern.example";
        write(with_entry(with_entry(with_entry("", amy), gone), modern));
        ::chmod(path_.c_str(), 0600);
        sources_ = std::make_shared<const Sources>(Sources::List{
            std::make_shared<PasswordSource>(path_, "mail.example.com")});
        circumstances_.domain = "mail.example.com";
    }

    void write(const std::string& text) const { std::ofstream(path_) << text; }

    /// Runs GNU SASL's client against our server; what our side ends in.
    Step run(const Client& client) {
        Gsasl* context = nullptr;
        EXPECT_EQ(gsasl_init(&context), GSASL_OK);
        const std::unique_ptr<Gsasl, Deleter<gsasl_done>> owner(context);
        Gsasl_session* session = nullptr;
        gsasl_callback_hook_set(context, const_cast<Client*>(&client));
        gsasl_callback_set(
            context,
            [](Gsasl* library, Gsasl_session* its, Gsasl_property property) {
                const auto* self = static_cast<const Client*>(gsasl_callback_hook_get(library));
                if (property != GSASL_CB_TLS_EXPORTER || self->exporter.empty())
                    return static_cast<int>(GSASL_NO_CALLBACK);
                gsasl_property_set(its, property, to_base64(self->exporter).c_str());
                return static_cast<int>(GSASL_OK);
            }
        );
        EXPECT_EQ(gsasl_client_start(context, client.mechanism.c_str(), &session), GSASL_OK);
        const std::unique_ptr<Gsasl_session, Deleter<gsasl_finish>> session_owner(session);
        gsasl_property_set(session, GSASL_AUTHID, client.user.c_str());
        gsasl_property_set(session, GSASL_PASSWORD, client.password.c_str());
        if (!client.authorize_as.empty())
            gsasl_property_set(session, GSASL_AUTHZID, client.authorize_as.c_str());
        auto exchange = begin_exchange(client.mechanism, circumstances_, sources_);
        EXPECT_NE(exchange, nullptr);
        Step step = exchange->start(std::nullopt);
        for (int turns = 0; step.kind == Kind::challenge && turns < 9; ++turns) {
            challenges_.push_back(step.octets);
            char* out = nullptr;
            std::size_t size = 0;
            const int code =
                gsasl_step(session, step.octets.data(), step.octets.size(), &out, &size);
            const std::unique_ptr<char, Deleter<gsasl_free>> out_owner(out);
            client_code_ = code;
            if (code != GSASL_OK && code != GSASL_NEEDS_MORE) return step;
            step = exchange->respond(Secret(std::string(out != nullptr ? out : "", size)));
        }
        return step;
    }

    test::ScratchDirectory directory_;
    std::string path_;
    std::shared_ptr<const Sources> sources_;
    Circumstances circumstances_;
    std::vector<std::string> challenges_;
    int client_code_ = GSASL_OK;
};

TEST_F(ExchangeTest, EveryMechanismLetsTheRightPasswordIn) {
    for (const char* mechanism : {"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1"}) {
        const Step step = run({mechanism});
        EXPECT_EQ(step.kind, Kind::success) << mechanism << ' ' << step.reason;
        EXPECT_EQ(step.identity.user, "amy");
        EXPECT_EQ(step.identity.mail, "amy@mail.example.com");
    }
}

TEST_F(ExchangeTest, AndNoOther) {
    for (const char* mechanism : {"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1"}) {
        const Step wrong = run({mechanism, "amy", "pen"});
        EXPECT_EQ(wrong.kind, Kind::refused) << mechanism;
        EXPECT_EQ(wrong.reason, "Bad password") << mechanism;
        EXPECT_EQ(wrong.identity.user, "amy");
        const Step unknown = run({mechanism, "eve", "pencil"});
        EXPECT_EQ(unknown.kind, Kind::refused) << mechanism;
        EXPECT_EQ(unknown.reason, "No such user") << mechanism;
        const Step disabled = run({mechanism, "gone", "pencil"});
        EXPECT_EQ(disabled.kind, Kind::refused) << mechanism;
        EXPECT_EQ(disabled.reason, "account disabled") << mechanism;
    }
}

TEST_F(ExchangeTest, AnUnknownUserLooksLikeAKnownOne) {
    run({"SCRAM-SHA-256", "eve", "x"});
    const auto eve = challenges_;
    challenges_.clear();
    run({"SCRAM-SHA-256", "amy", "x"});
    ASSERT_EQ(eve.size(), challenges_.size());
    // r=…,s=…,i=4096: salts of one length, one count, and the same salt the next time.
    EXPECT_EQ(eve[1].size(), challenges_[1].size());
    EXPECT_TRUE(eve[1].ends_with(",i=4096"));
    const auto salt_of = [](const std::string& text) { return text.substr(text.find(",s=")); };
    challenges_.clear();
    run({"SCRAM-SHA-256", "eve", "y"});
    EXPECT_EQ(salt_of(eve[1]), salt_of(challenges_[1]));
}

TEST_F(ExchangeTest, NobodyActsAsAnother) {
    for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256"}) {
        EXPECT_EQ(run({mechanism, "amy", "pencil", "eve"}).kind, Kind::refused) << mechanism;
        EXPECT_EQ(run({mechanism, "amy", "pencil", "amy"}).kind, Kind::success) << mechanism;
    }
}

TEST_F(ExchangeTest, OfAUserWithoutASecretForItAMechanismFails) {
    EXPECT_EQ(run({"SCRAM-SHA-256", "modern"}).identity.mail, "m@modern.example");
    EXPECT_EQ(run({"SCRAM-SHA-1", "modern"}).kind, Kind::refused);
}

TEST_F(ExchangeTest, PlusIsBoundToTheTlsSession) {
    circumstances_.exporter = std::string(32, 'k');
    Client client{"SCRAM-SHA-256-PLUS"};
    client.exporter = circumstances_.exporter;
    EXPECT_EQ(run(client).kind, Kind::success);
    // Somebody in between has another session with each side.
    client.exporter = std::string(32, 'm');
    EXPECT_EQ(run(client).kind, Kind::refused);
}

TEST_F(ExchangeTest, AFileThatCannotBeReadIsNotAWrongPassword) {
    std::filesystem::remove(path_);
    for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256"})
        EXPECT_EQ(run({mechanism}).kind, Kind::unavailable) << mechanism;
}

TEST_F(ExchangeTest, AFileThatOthersMayReadIsNotUsed) {
    ::chmod(path_.c_str(), 0644);
    const Step step = run({"PLAIN"});
    EXPECT_EQ(step.kind, Kind::unavailable);
    EXPECT_THAT(step.reason, testing::HasSubstr("open to everybody"));
}

TEST_F(ExchangeTest, AChangedFileCountsAtOnce) {
    EXPECT_EQ(run({"PLAIN"}).kind, Kind::success);
    write("! nobody\n");
    EXPECT_EQ(run({"PLAIN"}).kind, Kind::refused);
}

TEST_F(ExchangeTest, NonsenseIsMalformed) {
    const auto said = [&](const char* mechanism, const std::string& octets) {
        auto exchange = begin_exchange(mechanism, circumstances_, sources_);
        exchange->start(std::nullopt);
        return exchange->respond(Secret(octets)).kind;
    };
    EXPECT_EQ(said("PLAIN", "no zero octets"), Kind::malformed);
    EXPECT_EQ(said("PLAIN", std::string(9000, 'x')), Kind::malformed);
    EXPECT_EQ(said("SCRAM-SHA-256", "n,,x"), Kind::malformed);
    EXPECT_EQ(begin_exchange("GSSAPI", circumstances_, sources_), nullptr);
}

TEST_F(ExchangeTest, LoginTakesTheNameAlongWithTheCommand) {
    auto exchange = begin_exchange("LOGIN", circumstances_, sources_);
    EXPECT_EQ(exchange->start(Secret(std::string("amy"))).kind, Kind::challenge);
    EXPECT_EQ(exchange->respond(Secret(std::string("pencil"))).kind, Kind::success);
}

TEST_F(ExchangeTest, ACertificateLogsInWhomItNamesIfTheUserIsKnown) {
    const auto external = [&](const std::string& who, const std::string& as) {
        circumstances_.certificate_user = who;
        return begin_exchange("EXTERNAL", circumstances_, sources_)->start(Secret(as));
    };
    EXPECT_EQ(external("amy", "").kind, Kind::success);
    EXPECT_EQ(external("amy", "AMY").kind, Kind::success);
    EXPECT_EQ(external("amy", "gone").kind, Kind::refused);
    EXPECT_EQ(external("gone", "").kind, Kind::refused);
    EXPECT_EQ(external("eve", "").kind, Kind::refused);
    EXPECT_EQ(external("", "").kind, Kind::refused);
}

TEST(UserOfCertificate, OnlyAVerifiedOneNamesAnybody) {
    tls::Facts facts;
    EXPECT_EQ(user_of_certificate(facts), "");
    facts.peer.emplace().common_name = "amy";
    EXPECT_EQ(user_of_certificate(facts), "");
    facts.peer->verified = true;
    EXPECT_EQ(user_of_certificate(facts), "amy");
    facts.peer->mails = {"amy@example.com"};
    EXPECT_EQ(user_of_certificate(facts), "amy@example.com");
}

}  // namespace
}  // namespace sluice::auth
