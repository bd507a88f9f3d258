#pragma once

#include <string>
#include <vector>

// What the configuration says about TLS, as plain values (option.dat, channel option files).
namespace sluice::tls {

/// A certificate and its key, PEM. Both may be one file.
struct CertificateFiles {
    std::string certificate;  ///< the host's own first, then those between it and the trust anchor
    std::string key;

    friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

enum class Version { tls_1_2, tls_1_3 };

/// Whether a server wants to see a certificate of its clients (TLS_ASK_CERTIFICATE).
enum class AskCertificate { never, ask, require };

struct ServerSettings {
    /// The first one is for clients that name no host, or one that no certificate is for.
    std::vector<CertificateFiles> certificates = {};
    std::string trust_anchors =
        {};                    ///< PEM file for the certificates of clients; empty: the system's
    std::string ciphers = {};  ///< of TLS 1.2, as OpenSSL writes them; empty: default_ciphers
    Version least = Version::tls_1_2;
    AskCertificate ask = AskCertificate::never;
};

struct ClientSettings {
    CertificateFiles certificate = {};  ///< shown to servers that ask; empty: none
    std::string trust_anchors = {};     ///< empty: the system's
    std::string ciphers = {};
    Version least = Version::tls_1_2;
};

/// Forward secrecy always; authenticated modes first, for old systems those that are not.
inline constexpr const char* default_ciphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:DHE+AES:"
    "!aNULL:!eNULL:!PSK:!SRP:!DSS:!MD5:!AESCCM:!AESCCM8";

}  // namespace sluice::tls
