#include "tls/facts.h"

#include <openssl/x509v3.h>

#include "tls/certificate.h"
#include "tls/stream_parts.h"

namespace sluice::tls {

namespace {

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

std::optional<Facts::PeerCertificate> peer_of(const SSL& ssl) {
    const CertificateHandle certificate(SSL_get1_peer_certificate(&ssl));
    if (!certificate) return std::nullopt;
    Facts::PeerCertificate peer;
    peer.subject = name_text(*X509_get_subject_name(certificate.get()));
    peer.issuer = name_text(*X509_get_issuer_name(certificate.get()));
    peer.common_name = common_name(*certificate);
    peer.hosts = alternative_names(*certificate, GEN_DNS);
    peer.mails = alternative_names(*certificate, GEN_EMAIL);
    const long verdict = SSL_get_verify_result(&ssl);
    peer.verified = verdict == X509_V_OK;
    if (!peer.verified) peer.fault = X509_verify_cert_error_string(verdict);
    return peer;
}

// In TLS 1.2 the value depends on whether the library passes an empty context or none, and the two
// ends would disagree (RFC 9266 section 3 and RFC 5705 section 4).
std::string exporter_of(SSL& ssl) {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    if (SSL_version(&ssl) < TLS1_3_VERSION) return {};
    std::string value(32, '\0');
    auto* out = reinterpret_cast<unsigned char*>(value.data());
    const int made =
        SSL_export_keying_material(&ssl, out, value.size(), label.data(), label.size(), out, 0, 1);
    return made == 1 ? value : std::string();
}

// RFC 5929 section 4.1: the hash of the certificate's signature, but at least SHA-256.
std::string server_end_point_of(SSL& ssl) {
    const CertificateHandle shown(
        SSL_is_server(&ssl) == 1 ? nullptr : SSL_get1_peer_certificate(&ssl)
    );
    const X509* server = SSL_is_server(&ssl) == 1 ? SSL_get_certificate(&ssl) : shown.get();
    if (server == nullptr) return {};
    int hash = NID_undef;
    X509_get_signature_info(const_cast<X509*>(server), &hash, nullptr, nullptr, nullptr);
    const EVP_MD* digest = hash == NID_md5 || hash == NID_sha1 || hash == NID_undef
                               ? nullptr
                               : EVP_get_digestbynid(hash);
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(server, digest != nullptr ? digest : EVP_sha256(), value, &size) != 1)
        return {};
    return {reinterpret_cast<const char*>(value), size};
}

}  // namespace

Facts facts_of(const SSL& ssl) {
    // The library's getters of values that it computes take no constant.
    SSL& session = const_cast<SSL&>(ssl);
    Facts facts;
    facts.version = text_of(SSL_get_version(&ssl));
    facts.cipher = text_of(SSL_get_cipher_name(&ssl));
    facts.bits = SSL_get_cipher_bits(&ssl, nullptr);
    facts.server_name = text_of(SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name));
    facts.resumed = SSL_session_reused(&session) == 1;
    facts.peer = peer_of(ssl);
    facts.exporter = exporter_of(session);
    facts.server_end_point = server_end_point_of(session);
    return facts;
}

std::string info_text(const Facts& facts) {
    return facts.version + '-' + std::to_string(facts.bits) + '-' + facts.cipher;
}

}  // namespace sluice::tls
