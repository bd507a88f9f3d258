// Our client against our server: what one says the other understands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "auth/client_exchange.h"
#include "auth/client_secrets.h"
#include "auth/password_file.h"
#include "auth/password_source.h"
#include "auth/server_exchange.h"
#include "support/scratch_directory.h"

namespace sluice::auth {
namespace {

TEST(ChooseMechanism, TheStrongestThatBothHave) {
    const Mechanisms all{"LOGIN", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"};
    EXPECT_EQ(choose_mechanism(all, true), "SCRAM-SHA-256-PLUS");
    EXPECT_EQ(choose_mechanism(all, false), "SCRAM-SHA-256");
    EXPECT_EQ(choose_mechanism({"LOGIN", "PLAIN"}, false), "PLAIN");
    EXPECT_EQ(choose_mechanism({"LOGIN"}, false), "LOGIN");
    EXPECT_EQ(choose_mechanism({"GSSAPI", "CRAM-MD5"}, true), "");
}

class ClientExchangeTest : public testing::Test {
protected:
    ClientExchangeTest() {
        const std::string path = directory_.path("passwords");
        PasswordEntry amy{"amy", {}, {}, false};
        for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha1})
            amy.secrets.push_back(*make_scram_secret(hash, "pencil", "0123456789abcdef", 4096));
        std::ofstream(path) << with_entry("", amy);
        ::chmod(path.c_str(), 0600);
        sources_ = std::make_shared<const Sources>(Sources::List{
            std::make_shared<PasswordSource>(path, "mail.example.com")});
    }

    /// Whether the server lets in, and the client believes that it is the server.
    std::pair<bool, bool> run(const std::string& mechanism, const std::string& password) {
        if (is_bound(mechanism)) circumstances_.exporter = std::string(32, 'k');
        auto server = begin_exchange(mechanism, circumstances_, sources_);
        auto client =
            begin_client_exchange(mechanism, {"amy", Secret(password)}, circumstances_.exporter);
        std::optional<Secret> first;
        if (auto octets = client->initial()) first = Secret(*octets);
        Step step = server->start(first);
        while (step.kind == Step::Kind::challenge) {
            auto response = client->respond(step.octets);
            if (!response) return {false, false};
            step = server->respond(Secret(*response));
        }
        return {step.kind == Step::Kind::success, client->is_satisfied()};
    }

    test::ScratchDirectory directory_;
    std::shared_ptr<const Sources> sources_;
    Circumstances circumstances_;
};

TEST_F(ClientExchangeTest, BothSidesAgree) {
    for (const char* mechanism :
         {"PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
          "SCRAM-SHA-1-PLUS"}) {
        EXPECT_EQ(run(mechanism, "pencil"), std::pair(true, true)) << mechanism;
        EXPECT_FALSE(run(mechanism, "pen").first) << mechanism;
    }
}

// RFC 5802 section 6: the client could bind, the server too, and somebody has hidden the offer.
TEST_F(ClientExchangeTest, AnOfferThatWasTakenAwayIsNoticed) {
    circumstances_.exporter = std::string(32, 'k');
    EXPECT_FALSE(run("SCRAM-SHA-256", "pencil").first);
}

TEST_F(ClientExchangeTest, AServerThatDoesNotKnowThePasswordIsNotBelieved) {
    auto client = begin_client_exchange("SCRAM-SHA-256", {"amy", Secret(std::string("x"))}, {});
    ASSERT_TRUE(client->initial());
    EXPECT_FALSE(client->respond("r=other,s=AAAA,i=4096"));
    EXPECT_FALSE(client->is_satisfied());
}

// The server says how often the password is hashed: some hours of it are not what it may ask for.
TEST_F(ClientExchangeTest, AServerThatWantsHoursOfWorkIsLeft) {
    for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
        for (const char* count : {"4294967295", "10000001", "99999999999999999999"}) {
            auto client = begin_client_exchange(mechanism, {"amy", Secret(std::string("x"))}, {});
            const auto first = client->initial();
            ASSERT_TRUE(first);
            const std::string nonce = first->substr(first->find("r="));
            EXPECT_FALSE(client->respond(nonce + "more,s=AAAA,i=" + count)) << count;
            EXPECT_FALSE(client->is_satisfied());
        }
    }
}

TEST(ClientSecrets, TheFirstLineThatNamesAHostCounts) {
    std::vector<std::size_t> faults;
    const auto secrets = ClientSecrets::parse(
        "! ours\nrelay.example.net amy  two words \nbroken line\n.example.org bob x\r\n* any y\n",
        faults
    );
    EXPECT_EQ(faults, (std::vector<std::size_t>{3}));
    EXPECT_EQ(secrets.find({"Relay.Example.NET"})->password.reveal(), "two words");
    EXPECT_EQ(secrets.find({"mx.example.org"})->user, "bob");
    EXPECT_EQ(secrets.find({"example.org"})->user, "any");
    EXPECT_EQ(secrets.find({"far.example", "relay.example.net"})->user, "amy");
}

TEST(ClientSecrets, AFileThatOthersMayReadIsNotUsed) {
    const test::ScratchDirectory directory;
    const std::string path = directory.path("secrets");
    EXPECT_TRUE(load_client_secrets(path));
    std::ofstream(path) << "* a b\n";
    ::chmod(path.c_str(), 0644);
    EXPECT_FALSE(load_client_secrets(path));
    ::chmod(path.c_str(), 0640);
    EXPECT_TRUE(load_client_secrets(path));
}

}  // namespace
}  // namespace sluice::auth
