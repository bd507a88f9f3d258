#include "tls/context.h"

#include <openssl/err.h>

namespace sluice::tls {

Result<ContextHandle> make_context(
    const SSL_METHOD* method, Version least, const std::string& ciphers
) {
    ContextHandle context(SSL_CTX_new(method));
    if (!context) return library_error("no TLS context");
    SSL_CTX* made = context.get();
    SSL_CTX_set_min_proto_version(
        made, least == Version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION
    );
    SSL_CTX_set_options(
        made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                  SSL_OP_PRIORITIZE_CHACHA
    );
    SSL_CTX_set_mode(
        made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    );
    const char* list = ciphers.empty() ? default_ciphers : ciphers.c_str();
    if (SSL_CTX_set_cipher_list(made, list) != 1)
        return library_error("TLS_CIPHERS=" + std::string(list));
    SSL_CTX_set_dh_auto(made, 1);
    return context;
}

Result<void> set_trust_anchors(SSL_CTX& context, const std::string& file) {
    if (file.empty()) {
        SSL_CTX_set_default_verify_paths(&context);
        ERR_clear_error();  // a system without anchors verifies nobody, which is no fault here
        return {};
    }
    if (SSL_CTX_load_verify_file(&context, file.c_str()) != 1) return library_error(file);
    return {};
}

Result<void> use_certificate(SSL_CTX& context, const Certificate& certificate) {
    const std::string& file = certificate.files.certificate;
    if (SSL_CTX_use_certificate(&context, certificate.own.get()) != 1) return library_error(file);
    SSL_CTX_clear_chain_certs(&context);
    for (const CertificateHandle& one : certificate.chain) {
        if (SSL_CTX_add1_chain_cert(&context, one.get()) != 1) return library_error(file);
    }
    if (SSL_CTX_use_PrivateKey(&context, certificate.key.get()) != 1)
        return library_error(certificate.files.key);
    return {};
}

}  // namespace sluice::tls
