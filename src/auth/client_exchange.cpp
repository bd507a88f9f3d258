#include "auth/client_exchange.h"

#include <array>
#include <utility>

#include "auth/base64.h"
#include "auth/gsasl_library.h"
#include "auth/scram.h"
#include "base/bytes.h"

namespace sluice::auth {

namespace {

bool is_scram(std::string_view mechanism) {
    return mechanism.starts_with("SCRAM-");
}

/// "r=...,s=...,i=4096": how often the password is to be hashed, which the server says and the
/// client pays for. The library takes any number.
bool wants_too_much(std::string_view challenge) {
    constexpr std::string_view name = "i=";
    for (const std::string_view part : split(challenge, ',')) {
        if (!part.starts_with(name)) continue;
        const auto iterations = parse_unsigned(part.substr(name.size()));
        if (!iterations || *iterations > most_iterations) return true;
    }
    return false;
}

class LibraryClient final : public ClientExchange {
public:
    LibraryClient(std::string mechanism, Credentials credentials, std::string exporter)
        : mechanism_(std::move(mechanism)),
          credentials_(std::move(credentials)),
          exporter_(std::move(exporter)),
          session_(library_.start_client(mechanism_, answer, this)) {}

    [[nodiscard]] bool works() const { return session_ != nullptr; }

    std::optional<std::string> initial() override {
        if (mechanism_ == "LOGIN") return std::nullopt;
        return step({});
    }

    std::optional<std::string> respond(std::string_view challenge) override {
        // The server's last words may come with nothing left to say.
        if (finished_) return challenge.empty() ? std::optional<std::string>("") : std::nullopt;
        if (is_scram(mechanism_) && wants_too_much(challenge)) return std::nullopt;
        return step(challenge);
    }

    [[nodiscard]] bool is_satisfied() const override { return finished_; }

private:
    static int answer(Gsasl* context, Gsasl_session* session, Gsasl_property property) {
        const auto* self = static_cast<LibraryClient*>(gsasl_callback_hook_get(context));
        const auto set = [&](const std::string& value) {
            return gsasl_property_set(session, property, value.c_str());
        };
        switch (property) {
            case GSASL_AUTHID:
                return set(self->credentials_.user);
            case GSASL_PASSWORD:
                return set(self->credentials_.password.reveal());
            case GSASL_CB_TLS_EXPORTER:
                if (self->exporter_.empty()) return GSASL_NO_CB_TLS_EXPORTER;
                return set(to_base64(self->exporter_));
            default:
                return GSASL_NO_CALLBACK;
        }
    }

    std::optional<std::string> step(std::string_view challenge) {
        char* out = nullptr;
        std::size_t size = 0;
        const int result =
            gsasl_step(session_.get(), challenge.data(), challenge.size(), &out, &size);
        const std::unique_ptr<char, Deleter<gsasl_free>> owner(out);
        if (result != GSASL_OK && result != GSASL_NEEDS_MORE) return std::nullopt;
        finished_ = result == GSASL_OK;
        return out != nullptr ? std::string(out, size) : std::string();
    }

    std::string mechanism_;
    Credentials credentials_;
    std::string exporter_;
    GsaslLibrary library_;
    GsaslSession session_;
    bool finished_ = false;
};

}  // namespace

std::string choose_mechanism(const Mechanisms& offered, bool has_binding) {
    static constexpr std::array by_strength{
        "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN", "LOGIN"};
    for (const char* name : by_strength) {
        if (is_bound(name) && !has_binding) continue;
        if (contains(offered, name)) return name;
    }
    return {};
}

std::unique_ptr<ClientExchange> begin_client_exchange(
    const std::string& mechanism, Credentials credentials, std::string exporter
) {
    auto exchange =
        std::make_unique<LibraryClient>(mechanism, std::move(credentials), std::move(exporter));
    if (!exchange->works()) return nullptr;
    return exchange;
}

}  // namespace sluice::auth
