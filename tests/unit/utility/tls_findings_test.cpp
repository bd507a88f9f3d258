#include "utility/tls_findings.h"

#include <gtest/gtest.h>

#include "support/certificates.h"
#include "support/scratch_directory.h"
#include "support/site.h"

namespace sluice::utility {
namespace {

class TlsFindings : public testing::Test {
protected:
    std::string write(const std::string& name, const test::CertificateWish& wish = {}) {
        const auto made = test::make_certificate(wish);
        return test::write_file(directory_.path(name), pem_of(made) + key_pem_of(made));
    }

    /// The shipped imta.cnf with a word more for tcp_local.
    static std::string with_keyword(const std::string& word) {
        std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
        const std::size_t at = text.find("\ntcp_local ");
        EXPECT_NE(at, std::string::npos);
        return text.insert(at + 11, word + ' ');
    }

    static std::vector<std::string> found(const std::map<std::string, std::string>& changes) {
        const auto site = test::make_site(changes);
        lint::Findings findings;
        if (site != nullptr) check_tls(*site, findings);
        std::vector<std::string> texts;
        for (const lint::Finding& one : findings.items())
            texts.push_back(one.diagnostic.code + ' ' + one.diagnostic.text);
        return texts;
    }

    test::ScratchDirectory directory_;
};

using Texts = std::vector<std::string>;

TEST_F(TlsFindings, NothingIsSaidWhereNobodyWantsTls) {
    EXPECT_EQ(found({}), Texts{});
    EXPECT_EQ(found({{"option.dat", "TLS_CERTIFICATE_FILE=/none\n"}}), Texts{});
}

TEST_F(TlsFindings, GoodCertificateIsNoFinding) {
    EXPECT_EQ(
        found(
            {{"imta.cnf", with_keyword("maytls")},
             {"option.dat", "TLS_CERTIFICATE_FILE=" + write("a.pem") + '\n'}}
        ),
        Texts{}
    );
}

TEST_F(TlsFindings, MissingFileIsNamedOnce) {
    const Texts texts = found({{"imta.cnf", with_keyword("maytlsserver")}});
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts[0].find("L040 /site/config/server-pub.pem: cannot be read: "), 0U) << texts[0];
}

TEST_F(TlsFindings, PortForTlsNeedsACertificateToo) {
    const std::string service =
        "[SERVICE=SMTPS]\nTLS_PORT=465\nIMAGE=IMTA_BIN:tcp_smtp_server\n"
        "PARAMETER=CHANNEL=tcp_local\n";
    EXPECT_EQ(found({{"dispatcher.cnf", service}}).size(), 1U);
}

TEST_F(TlsFindings, ExpiredCertificateAndOddWordsAreRemarkedOn) {
    const std::string late = write("late.pem", {.begins_in = -7200, .ends_in = -60});
    const Texts texts = found(
        {{"imta.cnf", with_keyword("maytls")},
         {"option.dat", "TLS_CERTIFICATE_FILE=" + late + "\nTLS_MIN_VERSION=ssl3\n"},
         {"tcp_local_option", "TLS_CA_FILE=/none/ca.pem\nTLS_HOSTS=a\n"}}
    );
    ASSERT_EQ(texts.size(), 4U);
    EXPECT_EQ(texts[0], "L042 TLS_MIN_VERSION=ssl3 is neither 1.2 nor 1.3, 1.2 is used");
    EXPECT_EQ(texts[1].find("L041 " + late + ": the certificate expired on "), 0U) << texts[1];
    EXPECT_EQ(texts[2].find("L042 TLS_HOSTS: \"a\""), 0U) << texts[2];
    EXPECT_EQ(texts[3].find("L040 /none/ca.pem: "), 0U) << texts[3];
}

}  // namespace
}  // namespace sluice::utility
