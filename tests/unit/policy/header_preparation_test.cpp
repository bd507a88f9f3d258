#include "policy/header_preparation.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/site.h"

namespace sluice::policy {
namespace {

class HeaderPreparationTest : public testing::Test {
protected:
    void load(
        const std::string& keywords,
        const std::string& options = {},
        const std::string& mappings = {}
    ) {
        std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
        text.replace(text.find("tcp_local smtp"), 14, "tcp_local smtp " + keywords);
        site_ =
            test::make_site({{"imta.cnf", text}, {"option.dat", options}, {"mappings", mappings}});
    }
    Result<PreparedHeader> prepare(const std::string& header, const std::string& user = {}) {
        MessageProbe probe;
        probe.source = site_->imta.channels.find("tcp_local");
        probe.sender = "amy@siroe.edu";
        probe.authenticated = user;
        probe.recipients = [] {
            return std::vector<std::string>{"bob@example.com", "@a.example:c@d.example"};
        };
        mapping::NoAnswers answers;
        return prepare_header(*site_, probe, header, answers);
    }
    std::string out(const std::string& header, const std::string& user = {}) {
        const auto prepared = prepare(header, user);
        if (!prepared) return prepared.error().status().to_string() + ' ' + prepared.error().text();
        return prepared->header.value_or("same");
    }

    config::ConfigurationPtr site_;
};

TEST_F(HeaderPreparationTest, DefaultChangesNothing) {
    load("");
    EXPECT_EQ(out("From: a@b\r\nTo:\r\n\r\n"), "same");
}

TEST_F(HeaderPreparationTest, BlankRecipientFieldsAreDropped) {
    load("dropblank");
    EXPECT_EQ(
        out("To:  \r\nCc: a@b\r\nResent-Cc:\r\n \r\nBcc:\r\nX:\r\n\r\n"),
        "Cc: a@b\r\nBcc:\r\nX:\r\n\r\n"
    );
}

TEST_F(HeaderPreparationTest, MissingRecipientsAreNamedAsThePolicySays) {
    const std::string header = "From: a@b\r\n\r\n";
    load("missingrecipientpolicy 1", "MISSING_RECIPIENT_POLICY=6\n");
    EXPECT_EQ(out(header), "same");
    load("", "MISSING_RECIPIENT_POLICY=2\n");
    EXPECT_EQ(out(header), "From: a@b\r\nTo: bob@example.com, <@a.example:c@d.example>\r\n\r\n");
    EXPECT_EQ(out("Cc: x@y\r\n\r\n"), "same");
    load("missingrecipientpolicy 3");
    EXPECT_EQ(out(header), "From: a@b\r\nBcc: bob@example.com, <@a.example:c@d.example>\r\n\r\n");
    load("missingrecipientpolicy 4");
    EXPECT_EQ(out(header), "From: a@b\r\nTo: recipient list not shown: ;\r\n\r\n");
    load("missingrecipientpolicy 5");
    EXPECT_EQ(out(header), "From: a@b\r\nBcc:\r\n\r\n");
    load("missingrecipientpolicy 6");
    EXPECT_EQ(out(header), "5.6.0 no recipient fields in the header");
}

TEST_F(HeaderPreparationTest, DroppedFieldsCountAsMissing) {
    load("dropblank missingrecipientpolicy 5");
    EXPECT_EQ(out("To: \r\n\r\n"), "Bcc:\r\n\r\n");
}

TEST_F(HeaderPreparationTest, AuthenticatedAddressBecomesSender) {
    load("authrewrite 1");
    EXPECT_EQ(out("From: a@b\r\n\r\n"), "same");
    EXPECT_EQ(out("From: a@b\r\n\r\n", "u@v"), "From: a@b\r\nSender: u@v\r\n\r\n");
    EXPECT_EQ(
        out("Resent-From: a@b\r\n\r\n", "u@v"), "Resent-From: a@b\r\nResent-Sender: u@v\r\n\r\n"
    );
    load("authrewrite 2");
    EXPECT_EQ(
        out("Resent-From: a@b\r\nSender: x@y\r\n\r\n", "u@v"),
        "Resent-From: a@b\r\nSender: u@v\r\n\r\n"
    );
    load("authrewrite 6");
    EXPECT_EQ(out("From: A <a@b>\r\n\r\n", "u@v"), "From: u@v\r\n\r\n");
}

TEST_F(HeaderPreparationTest, TableDecidesWithoutAuthenticationWhereAsked) {
    const std::string table =
        "AUTH_REWRITE\n\n  amy@siroe.edu||a@b| $Ys@t\n  amy@siroe.edu||bad@b| $Nnot$ you\n"
        "  amy@siroe.edu|x@y|a@b| $J$Z$Tnew@env|sender@env|from@env\n"
        "  tcp_local|*|*|*|* $Ysender@channel\n";
    load("authrewrite 3", "", table);
    EXPECT_EQ(out("From: a@b\r\n\r\n"), "same");
    load("authrewrite 19", "", table);
    EXPECT_EQ(out("From: a@b\r\n\r\n"), "From: a@b\r\nSender: s@t\r\n\r\n");
    EXPECT_EQ(out("Resent-From: a@b\r\n\r\n"), "Resent-From: a@b\r\nResent-Sender: s@t\r\n\r\n");
    EXPECT_EQ(out("From: bad@b\r\n\r\n"), "5.7.1 not you");
    EXPECT_EQ(out("From: other@b\r\n\r\n"), "same");
    const auto prepared = prepare("Sender: x@y\r\nFrom: a@b\r\n\r\n");
    ASSERT_TRUE(prepared);
    EXPECT_EQ(prepared->sender, "new@env");
    EXPECT_EQ(prepared->header, "Sender: sender@env\r\nFrom: from@env\r\n\r\n");
    load("authrewrite 52", "", table);
    EXPECT_EQ(out("From: z@b\r\n\r\n"), "From: z@b\r\nSender: sender@channel\r\n\r\n");
}

}  // namespace
}  // namespace sluice::policy
