#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/deleter.h"

// Certificates for tests, made when the test runs.
namespace sluice::test {

struct TestCertificate {
    std::unique_ptr<X509, Deleter<X509_free>> certificate;
    std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>> key;
};

struct CertificateWish {
    std::string common_name = "mail.example.com";
    std::string alternative_names = {};  ///< "DNS:a.example,email:b@example"
    long begins_in = -3600;              ///< seconds
    long ends_in = 86400;
    bool rsa = false;
    const TestCertificate* issuer = nullptr;  ///< nullptr: itself
    bool is_authority = false;
};

inline void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
}

inline TestCertificate make_certificate(const CertificateWish& wish) {
    static long serial = 1;
    TestCertificate made;
    made.key.reset(wish.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("prime256v1"));
    made.certificate.reset(X509_new());
    X509* one = made.certificate.get();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(one), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(one), wish.begins_in);
    X509_gmtime_adj(X509_getm_notAfter(one), wish.ends_in);
    X509_set_pubkey(one, made.key.get());
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(one), "CN", MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(wish.common_name.data()),
        static_cast<int>(wish.common_name.size()), -1, 0
    );
    X509* issuer = wish.issuer != nullptr ? wish.issuer->certificate.get() : one;
    X509_set_issuer_name(one, X509_get_subject_name(issuer));
    if (!wish.alternative_names.empty())
        add_extension(one, issuer, NID_subject_alt_name, wish.alternative_names);
    if (wish.is_authority) add_extension(one, issuer, NID_basic_constraints, "critical,CA:TRUE");
    EVP_PKEY* signer = wish.issuer != nullptr ? wish.issuer->key.get() : made.key.get();
    X509_sign(one, signer, EVP_sha256());
    return made;
}

inline std::string pem_of(const TestCertificate& one) {
    std::unique_ptr<BIO, Deleter<BIO_free_all>> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), one.certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

inline std::string key_pem_of(const TestCertificate& one, const char* password = nullptr) {
    std::unique_ptr<BIO, Deleter<BIO_free_all>> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(
        out.get(), one.key.get(), password != nullptr ? EVP_aes_128_cbc() : nullptr, password,
        password != nullptr ? static_cast<int>(std::char_traits<char>::length(password)) : 0,
        nullptr, nullptr
    );
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

inline std::string write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
    ::chmod(path.c_str(), 0600);
    return path;
}

}  // namespace sluice::test
