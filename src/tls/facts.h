#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sluice::tls {

/// What is known of a TLS session once its handshake is over. A plain value; whoever holds one
/// needs no TLS library.
struct Facts {
    struct PeerCertificate {
        std::string subject;             ///< RFC 4514: "CN=mail.example.com,O=Example"
        std::string issuer;              ///< the same form
        std::string common_name;         ///< of the subject; empty: it has none
        std::vector<std::string> hosts;  ///< subjectAltName of type DNS
        std::vector<std::string> mails;  ///< subjectAltName of type rfc822Name
        bool verified = false;  ///< by a trust anchor of ours and, where asked for, by name
        std::string fault;      ///< why not, in the library's words
    };

    std::string version;      ///< "TLSv1.3"
    std::string cipher;       ///< "TLS_AES_256_GCM_SHA384"
    int bits = 0;             ///< of its secret
    std::string server_name;  ///< SNI: what the client called the server; empty: nothing
    bool resumed = false;
    std::optional<PeerCertificate> peer;  ///< nullopt: the peer has shown none

    /// Channel bindings, raw octets; empty where the session has none.
    std::string exporter;          ///< tls-exporter (RFC 9266)
    std::string server_end_point;  ///< tls-server-end-point (RFC 5929 section 4)
};

/// For logs and probes of access tables: "TLSv1.3-256-TLS_AES_256_GCM_SHA384". Without "/" and "|".
std::string info_text(const Facts& facts);

}  // namespace sluice::tls
