// The mechanisms that GNU SASL does, and EXTERNAL.
#include "auth/server_exchange.h"

#include <gsasl.h>

#include <stdexcept>
#include <utility>

#include "auth/base64.h"
#include "auth/gsasl_library.h"
#include "auth/mechanism.h"
#include "base/bytes.h"

namespace sluice::auth {

namespace {

/// RFC 4954 section 4 has no limit below its line; nobody needs a name or password beyond this.
constexpr std::size_t longest_response = 8192;

std::string text_of(const char* text) {
    return text != nullptr ? text : "";
}

class LibraryExchange final : public Exchange {
public:
    LibraryExchange(
        std::string mechanism, Circumstances circumstances, std::shared_ptr<const Sources> sources
    )
        : mechanism_(std::move(mechanism)),
          circumstances_(std::move(circumstances)),
          sources_(std::move(sources)),
          session_(library_.start_server(mechanism_, answer, this)) {}

    [[nodiscard]] bool works() const { return session_ != nullptr; }

    Step start(const std::optional<Secret>& initial) override {
        if (mechanism_ == "LOGIN") {
            // The server begins: the name may come along with the command all the same.
            Step first = step({});
            return initial && first.kind == Step::Kind::challenge ? step(initial->reveal()) : first;
        }
        if (!initial) return Step::challenge({});
        // The library takes nothing for nothing yet.
        if (initial->empty()) return Step::malformed("an empty initial response");
        return respond(*initial);
    }

    Step respond(const Secret& response) override {
        if (verified_) {
            // The client has our proof; its answer is empty (RFC 4954 section 4).
            if (!response.empty()) return Step::malformed("more than the mechanism has");
            return Step::success(*verified_);
        }
        return step(response.reveal());
    }

private:
    /// GNU SASL asks here for what it needs.
    static int answer(Gsasl* context, Gsasl_session* session, Gsasl_property property) {
        auto* self = static_cast<LibraryExchange*>(gsasl_callback_hook_get(context));
        switch (property) {
            case GSASL_VALIDATE_SIMPLE:
                return self->check_password();
            case GSASL_SCRAM_ITER:
            case GSASL_SCRAM_SALT:
            case GSASL_SCRAM_STOREDKEY:
            case GSASL_SCRAM_SERVERKEY:
                return self->give_secret();
            case GSASL_CB_TLS_EXPORTER:
                if (self->circumstances_.exporter.empty()) return GSASL_NO_CB_TLS_EXPORTER;
                return gsasl_property_set(
                    session, property, to_base64(self->circumstances_.exporter).c_str()
                );
            default:
                return GSASL_NO_CALLBACK;
        }
    }

    int set(Gsasl_property property, const std::string& value) {
        return gsasl_property_set(session_.get(), property, value.c_str());
    }

    [[nodiscard]] std::string property(Gsasl_property name) const {
        return text_of(gsasl_property_fast(session_.get(), name));
    }

    /// Nobody logs in as one and acts as another.
    [[nodiscard]] bool acts_as_another() const {
        const std::string wanted = property(GSASL_AUTHZID);
        return !wanted.empty() && !equals_ignoring_case(wanted, property(GSASL_AUTHID));
    }

    int check_password() {
        const std::string user = property(GSASL_AUTHID);
        const Secret password(property(GSASL_PASSWORD));
        answer_ = sources_->check_password(circumstances_, user, password);
        return answer_->kind == Answer::Kind::accepted ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
    }

    // All at once: the library asks one by one. A user who is not there gets a decoy, and fails
    // with the proof as everybody does who has the wrong password.
    int give_secret() {
        if (std::exchange(has_secret_, true)) return GSASL_NO_CALLBACK;
        const ScramHash hash =
            mechanism_.starts_with("SCRAM-SHA-256") ? ScramHash::sha256 : ScramHash::sha1;
        IdentitySource::Lookup lookup = sources_->find_secret(hash, property(GSASL_AUTHID));
        answer_ = std::move(lookup.answer);
        const ScramSecret& secret = lookup.secret;
        if (secret.salt.empty()) return GSASL_NO_CALLBACK;
        set(GSASL_SCRAM_ITER, std::to_string(secret.iterations));
        set(GSASL_SCRAM_SALT, to_base64(secret.salt));
        set(GSASL_SCRAM_STOREDKEY, to_base64(secret.stored_key));
        return set(GSASL_SCRAM_SERVERKEY, to_base64(secret.server_key));
    }

    Step step(std::string_view response) {
        if (response.size() > longest_response) return Step::malformed("too long");
        char* out = nullptr;
        std::size_t size = 0;
        const int result =
            gsasl_step(session_.get(), response.data(), response.size(), &out, &size);
        const std::unique_ptr<char, Deleter<gsasl_free>> owner(out);
        const std::string octets = out != nullptr ? std::string(out, size) : std::string();
        switch (result) {
            case GSASL_NEEDS_MORE:
                return Step::challenge(octets);
            case GSASL_OK:
                return finish(octets);
            case GSASL_MECHANISM_PARSE_ERROR:
            case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
            case GSASL_BASE64_ERROR:
            case GSASL_SASLPREP_ERROR:
                return Step::malformed(gsasl_strerror_name(result));
            default:
                return failure(result);
        }
    }

    Step finish(const std::string& octets) {
        const std::string user = property(GSASL_AUTHID);
        if (!answer_ || answer_->kind != Answer::Kind::accepted)
            return failure(GSASL_AUTHENTICATION_ERROR);
        if (acts_as_another()) return Step::refused(user, "wants to act as another");
        if (octets.empty()) return Step::success(answer_->identity);
        verified_ = answer_->identity;
        return Step::challenge(octets);
    }

    [[nodiscard]] Step failure(int result) const {
        const std::string user = property(GSASL_AUTHID);
        const std::string fault = text_of(gsasl_strerror_name(result));
        if (!answer_) return Step::refused(user, fault);
        switch (answer_->kind) {
            case Answer::Kind::unavailable:
                return Step::unavailable(user, answer_->reason);
            case Answer::Kind::unknown:
            case Answer::Kind::refused:
                return Step::refused(user, answer_->reason);
            case Answer::Kind::accepted:
                break;
        }
        // The secret was there, the proof was not right.
        return Step::refused(user, result == GSASL_AUTHENTICATION_ERROR ? "Bad password" : fault);
    }

    std::string mechanism_;
    Circumstances circumstances_;
    std::shared_ptr<const Sources> sources_;
    GsaslLibrary library_;
    GsaslSession session_;
    std::optional<Answer> answer_;  ///< of the sources, once they were asked
    bool has_secret_ = false;
    std::optional<Identity> verified_;  ///< and our own proof is with the client
};

/// EXTERNAL (RFC 4422 appendix A): TLS has shown who the client is.
class CertificateExchange final : public Exchange {
public:
    CertificateExchange(Circumstances circumstances, std::shared_ptr<const Sources> sources)
        : circumstances_(std::move(circumstances)), sources_(std::move(sources)) {}

    Step start(const std::optional<Secret>& initial) override {
        return initial ? respond(*initial) : Step::challenge({});
    }

    Step respond(const Secret& response) override {
        const std::string& user = circumstances_.certificate_user;
        if (user.empty()) return Step::refused({}, "No certificate");
        if (!response.empty() && !equals_ignoring_case(response.reveal(), user))
            return Step::refused(user, "wants to act as another");
        Answer answer = sources_->find_user(user);
        switch (answer.kind) {
            case Answer::Kind::accepted:
                return Step::success(std::move(answer.identity));
            case Answer::Kind::unavailable:
                return Step::unavailable(user, std::move(answer.reason));
            case Answer::Kind::unknown:
            case Answer::Kind::refused:
                break;
        }
        return Step::refused(user, std::move(answer.reason));
    }

private:
    Circumstances circumstances_;
    std::shared_ptr<const Sources> sources_;
};

}  // namespace

std::unique_ptr<Exchange> begin_exchange(
    std::string_view mechanism,
    const Circumstances& circumstances,
    std::shared_ptr<const Sources> sources
) {
    if (auto exchange = sources->begin(mechanism, circumstances)) return exchange;
    if (!sources->serve(mechanism)) return nullptr;
    if (mechanism == "EXTERNAL")
        return std::make_unique<CertificateExchange>(circumstances, std::move(sources));
    auto exchange = std::make_unique<LibraryExchange>(
        std::string(mechanism), circumstances, std::move(sources)
    );
    if (!exchange->works()) return nullptr;
    return exchange;
}

}  // namespace sluice::auth
