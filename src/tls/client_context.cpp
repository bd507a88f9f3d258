#include "tls/client_context.h"

#include <openssl/x509v3.h>

#include <map>
#include <mutex>

#include "base/clock.h"
#include "base/ip_address.h"
#include "tls/context.h"
#include "tls/stream_parts.h"

namespace sluice::tls {

namespace {

/// Hosts whose sessions are remembered; all are forgotten when there are more.
constexpr std::size_t most_sessions = 1000;
/// RSA and Diffie-Hellman from 1024 bits: better than the plain text it would be otherwise.
constexpr int lenient_level = 1;
/// For the same reason ciphers without forward secrecy, behind all others.
constexpr std::string_view lenient_ciphers = ":AESGCM:AES";

class OpenSslClient final : public ClientContext {
public:
    Result<void> fill(const ClientSettings& settings) {
        auto made = make_context(TLS_client_method(), settings.least, settings.ciphers);
        if (!made) return std::move(made).error();
        context_ = *std::move(made);
        SSL_CTX* context = context_.get();
        if (auto set = set_trust_anchors(*context, settings.trust_anchors); !set) return set;
        has_own_ciphers_ = !settings.ciphers.empty();
        SSL_CTX_set_app_data(context, this);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, remember);
        if (settings.certificate.certificate.empty()) return {};
        auto certificate = load_certificate(settings.certificate);
        if (!certificate) return std::move(certificate).error();
        return use_certificate(*context, *certificate);
    }

    Result<Stream> connect(int socket, const Server& server) override {
        SslHandle ssl(SSL_new(context_.get()));
        if (!ssl || SSL_set_fd(ssl.get(), socket) != 1) return library_error("no TLS stream");
        SSL_set_connect_state(ssl.get());
        if (server.lenient) be_lenient(*ssl);
        if (auto named = name(*ssl, server); !named) return std::move(named).error();
        auto key = std::make_shared<std::string>(key_of(server));
        SSL_set_app_data(ssl.get(), key.get());
        resume(*ssl, *key);
        return StreamParts::make(
            std::move(ssl), std::make_shared<Owner>(Owner{shared_from_this(), std::move(key)})
        );
    }

private:
    struct Owner {
        std::shared_ptr<ClientContext> context;
        std::shared_ptr<std::string> key;
    };

    void be_lenient(SSL& ssl) const {
        SSL_set_security_level(&ssl, lenient_level);
        if (!has_own_ciphers_)
            SSL_set_cipher_list(&ssl, (default_ciphers + std::string(lenient_ciphers)).c_str());
    }

    static Result<void> name(SSL& ssl, const Server& server) {
        X509_VERIFY_PARAM* wanted = SSL_get0_param(&ssl);
        if (IpAddress::parse(server.host)) {
            if (X509_VERIFY_PARAM_set1_ip_asc(wanted, server.host.c_str()) != 1)
                return library_error(server.host);
            return {};
        }
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (SSL_set_tlsext_host_name(&ssl, server.host.c_str()) != 1 ||
            SSL_set1_host(&ssl, server.host.c_str()) != 1)
            return library_error(server.host);
        for (const std::string& other : server.names) SSL_add1_host(&ssl, other.c_str());
        return {};
    }

    // What was verified for one host and name holds for no other.
    static std::string key_of(const Server& server) {
        std::string key = server.address + ' ' + server.host + (server.lenient ? " lenient" : "");
        for (const std::string& other : server.names) key += ' ' + other;
        return key;
    }

    static int remember(SSL* ssl, SSL_SESSION* session) {
        auto* self = static_cast<OpenSslClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
        const auto* key = static_cast<const std::string*>(SSL_get_app_data(ssl));
        const std::lock_guard lock(self->mutex_);
        if (self->sessions_.size() >= most_sessions) self->sessions_.clear();
        self->sessions_[*key] = SessionHandle(session);
        return 1;  // it is ours now
    }

    // RFC 8446 appendix C.4: a ticket is used once; a new one comes with the session.
    void resume(SSL& ssl, const std::string& key) {
        SessionHandle session;
        {
            const std::lock_guard lock(mutex_);
            const auto known = sessions_.find(key);
            if (known == sessions_.end()) return;
            session = std::move(known->second);
            sessions_.erase(known);
        }
        SSL_set_session(&ssl, session.get());
    }

    ContextHandle context_;
    bool has_own_ciphers_ = false;
    std::mutex mutex_;
    std::map<std::string, SessionHandle> sessions_;
};

}  // namespace

Result<std::shared_ptr<ClientContext>> ClientContext::make(const ClientSettings& settings) {
    auto context = std::make_shared<OpenSslClient>();
    if (auto filled = context->fill(settings); !filled) return std::move(filled).error();
    return std::shared_ptr<ClientContext>(std::move(context));
}

Findings examine(const ClientSettings& settings) {
    Findings findings;
    if (auto context = ClientContext::make(settings); !context)
        findings.errors.push_back(context.error().detail());
    if (settings.certificate.certificate.empty()) return findings;
    if (auto certificate = load_certificate(settings.certificate)) {
        for (std::string& remark : remarks_about(*certificate, system_clock().wall_now()))
            findings.warnings.push_back(std::move(remark));
    }
    return findings;
}

}  // namespace sluice::tls
