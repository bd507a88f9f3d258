#include "tls/certificate.h"

#include <gtest/gtest.h>

#include "support/certificates.h"
#include "support/scratch_directory.h"

namespace sluice::tls {
namespace {

using test::CertificateWish;
using test::make_certificate;

class CertificateTest : public testing::Test {
protected:
    CertificateFiles write(const CertificateWish& wish, const char* password = nullptr) {
        const auto made = make_certificate(wish);
        return {
            test::write_file(path("cert.pem"), pem_of(made)),
            test::write_file(path("key.pem"), key_pem_of(made, password))};
    }
    [[nodiscard]] std::string path(const std::string& name) const { return directory_.path(name); }
    static std::string fault_of(const CertificateFiles& files) {
        auto loaded = load_certificate(files);
        return loaded ? "" : loaded.error().detail();
    }

    test::ScratchDirectory directory_;
};

TEST_F(CertificateTest, IsForTheNamesItHas) {
    CertificateWish wish;
    wish.alternative_names = "DNS:mail.example.com,DNS:*.example.net,email:joe@example.com";
    auto loaded = load_certificate(write(wish));
    ASSERT_TRUE(loaded) << loaded.error().detail();
    EXPECT_TRUE(loaded->covers("MAIL.example.com"));
    EXPECT_TRUE(loaded->covers("smtp.example.net"));
    EXPECT_FALSE(loaded->covers("a.smtp.example.net"));
    EXPECT_FALSE(loaded->covers("example.net"));
    EXPECT_FALSE(loaded->covers(".example.net"));
    EXPECT_FALSE(loaded->covers("joe@example.com"));
    EXPECT_TRUE(remarks_about(*loaded, system_clock().wall_now()).empty());
}

TEST_F(CertificateTest, HasItsCommonNameWhereItHasNoOther) {
    auto loaded = load_certificate(write({}));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->hosts, std::vector<std::string>{"mail.example.com"});
}

TEST_F(CertificateTest, NameWithAControlCharacterIsNone) {
    CertificateWish wish;
    wish.common_name = std::string("good.example\0.evil.example", 26);
    auto loaded = load_certificate(write(wish));
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(loaded->hosts.empty());
}

TEST_F(CertificateTest, KeyMayBeInTheSameFileAndTheChainBehindIt) {
    const auto authority = make_certificate({.common_name = "CA", .is_authority = true});
    const auto own = make_certificate({.issuer = &authority});
    const std::string file =
        test::write_file(path("all.pem"), key_pem_of(own) + pem_of(own) + pem_of(authority));
    auto loaded = load_certificate({file, file});
    ASSERT_TRUE(loaded) << loaded.error().detail();
    EXPECT_EQ(loaded->chain.size(), 1U);
}

TEST_F(CertificateTest, FaultsNameTheFileAndTheReason) {
    const CertificateFiles good = write({});
    EXPECT_EQ(
        fault_of({path("none.pem"), good.key}), path("none.pem") + ": cannot be read: open " +
                                                    path("none.pem") + ": No such file or directory"
    );
    EXPECT_NE(fault_of({good.certificate, path("none")}).find(path("none")), std::string::npos);
    EXPECT_EQ(fault_of({good.key, good.key}), good.key + ": holds no certificate in PEM form");
    EXPECT_EQ(
        fault_of({good.certificate, good.certificate}),
        good.certificate + ": holds no private key in PEM form"
    );
    const auto other = make_certificate({});
    const std::string other_key = test::write_file(path("other.pem"), key_pem_of(other));
    EXPECT_EQ(
        fault_of({good.certificate, other_key}),
        other_key + ": the key does not belong to the certificate in " + good.certificate
    );
}

TEST_F(CertificateTest, KeyWithAPasswordIsRefusedWithoutAsking) {
    const CertificateFiles files = write({}, "secret");
    EXPECT_EQ(
        fault_of(files),
        files.key + ": the key is protected by a password, which nobody is asked for"
    );
}

TEST_F(CertificateTest, RemarksTellOfTimeAndOfKeysThatAreNoSecret) {
    const WallTime now = system_clock().wall_now();
    auto expired = load_certificate(write({.begins_in = -86400, .ends_in = -60}));
    ASSERT_TRUE(expired);
    ASSERT_EQ(remarks_about(*expired, now).size(), 1U);
    EXPECT_NE(remarks_about(*expired, now)[0].find("expired on 20"), std::string::npos);

    auto early = load_certificate(write({.begins_in = 3600}));
    ASSERT_TRUE(early);
    ASSERT_EQ(remarks_about(*early, now).size(), 1U);
    EXPECT_NE(remarks_about(*early, now)[0].find("not valid before 20"), std::string::npos);

    const CertificateFiles files = write({});
    ::chmod(files.key.c_str(), 0644);
    auto open = load_certificate(files);
    ASSERT_TRUE(open);
    EXPECT_EQ(
        remarks_about(*open, now),
        std::vector<std::string>{files.key + ": every user of this system can read the key"}
    );
}

}  // namespace
}  // namespace sluice::tls
