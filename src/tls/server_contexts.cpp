#include "tls/server_contexts.h"

#include <openssl/err.h>

#include <algorithm>

#include "tls/context.h"
#include "tls/stream_parts.h"

namespace sluice::tls {

namespace {

/// Tickets of another service, or of another way to ask for certificates, are no good.
constexpr unsigned char session_context[] = "sluice smtp server";
/// RFC 8446 section 4.6.1 allows a week; keys do not live longer than the worker.
constexpr long ticket_seconds = 7200;

// Whether a client's certificate is good is for those to say who ask for it; `require` alone ends
// the handshake.
int accept_any_certificate(int, X509_STORE_CTX*) {
    return 1;
}

void ask_for_certificate(SSL_CTX* context, AskCertificate ask) {
    if (ask == AskCertificate::ask)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any_certificate);
    if (ask == AskCertificate::require) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
}

Result<ContextHandle> server_context(const ServerSettings& settings) {
    auto made = make_context(TLS_server_method(), settings.least, settings.ciphers);
    if (!made) return made;
    SSL_CTX* context = made->get();
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_timeout(context, ticket_seconds);
    SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
    ask_for_certificate(context, settings.ask);
    if (settings.ask != AskCertificate::never) {
        if (auto set = set_trust_anchors(*context, settings.trust_anchors); !set)
            return std::move(set).error();
    }
    return made;
}

bool is_same_but_for_key(const Certificate& a, const Certificate& b) {
    return EVP_PKEY_get_base_id(a.key.get()) != EVP_PKEY_get_base_id(b.key.get()) &&
           std::is_permutation(a.hosts.begin(), a.hosts.end(), b.hosts.begin(), b.hosts.end());
}

class OpenSslContexts final : public ServerContexts {
public:
    Result<void> fill(const ServerSettings& settings, std::vector<std::string>& faults) {
        std::vector<Certificate> certificates;
        for (const CertificateFiles& files : settings.certificates) {
            auto loaded = load_certificate(files);
            if (loaded) {
                certificates.push_back(*std::move(loaded));
            } else {
                faults.push_back(loaded.error().detail());
            }
        }
        if (certificates.empty()) {
            const std::string why = faults.empty() ? "no certificate is named" : faults.front();
            return Error::temporary({4, 7, 0}, "TLS not available", why);
        }
        for (const Certificate& own : certificates) {
            auto context = server_context(settings);
            if (!context) return std::move(context).error();
            if (auto used = use_all(**context, own, certificates); !used) return used;
            add(*std::move(context), own.hosts);
        }
        return {};
    }

    [[nodiscard]] Result<Stream> accept(int socket) const override {
        SslHandle ssl(SSL_new(entries_.front().context.get()));
        if (!ssl || SSL_set_fd(ssl.get(), socket) != 1) return library_error("no TLS stream");
        SSL_set_accept_state(ssl.get());
        return StreamParts::make(std::move(ssl), shared_from_this());
    }

private:
    struct Entry {
        ContextHandle context;
        std::vector<std::string> hosts;
    };

    // A host may have certificates with keys of two kinds: clients take the one that they know.
    static Result<void> use_all(
        SSL_CTX& context, const Certificate& own, const std::vector<Certificate>& all
    ) {
        for (const Certificate& other : all) {
            if (!is_same_but_for_key(own, other)) continue;
            if (auto used = use_certificate(context, other); !used) return used;
        }
        return use_certificate(context, own);
    }

    void add(ContextHandle context, std::vector<std::string> hosts) {
        SSL_CTX_set_tlsext_servername_callback(context.get(), choose);
        SSL_CTX_set_tlsext_servername_arg(context.get(), this);
        entries_.push_back({std::move(context), std::move(hosts)});
    }

    static int choose(SSL* ssl, int*, void* self) {
        const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
        const Entry* entry = static_cast<const OpenSslContexts*>(self)->find(name);
        if (entry == nullptr) return SSL_TLSEXT_ERR_NOACK;
        SSL_set_SSL_CTX(ssl, entry->context.get());
        return SSL_TLSEXT_ERR_OK;
    }

    // The name itself before a pattern that covers it.
    [[nodiscard]] const Entry* find(std::string_view host) const {
        for (const bool exact : {true, false}) {
            for (const Entry& entry : entries_) {
                const bool found =
                    std::any_of(entry.hosts.begin(), entry.hosts.end(), [&](const auto& pattern) {
                        return exact == !pattern.starts_with("*") && matches_host(pattern, host);
                    });
                if (found) return &entry;
            }
        }
        return nullptr;
    }

    std::vector<Entry> entries_;
};

}  // namespace

Result<std::shared_ptr<const ServerContexts>> ServerContexts::make(
    const ServerSettings& settings, std::vector<std::string>& faults
) {
    auto contexts = std::make_shared<OpenSslContexts>();
    if (auto filled = contexts->fill(settings, faults); !filled) return std::move(filled).error();
    return std::shared_ptr<const ServerContexts>(std::move(contexts));
}

Findings examine(const ServerSettings& settings) {
    Findings findings;
    auto contexts = ServerContexts::make(settings, findings.errors);
    if (!contexts) {
        const std::string& why = contexts.error().detail();
        const auto& known = findings.errors;
        if (std::find(known.begin(), known.end(), why) == known.end())
            findings.errors.push_back(why);
    }
    for (const CertificateFiles& files : settings.certificates) {
        auto certificate = load_certificate(files);
        if (!certificate) continue;
        for (std::string& remark : remarks_about(*certificate, system_clock().wall_now()))
            findings.warnings.push_back(std::move(remark));
    }
    return findings;
}

}  // namespace sluice::tls
