#pragma once

#include <chrono>
#include <string>

#include "auth/identity_source.h"

namespace sluice::auth {

/// Dovecot's authentication service behind its socket: passwords, and every mechanism that it says
/// it has and that nobody here does better. One connection for each exchange.
class DovecotSource final : public IdentitySource {
public:
    /// Longer than the pause the service makes before it says no.
    static constexpr std::chrono::seconds usual_patience{30};

    DovecotSource(
        std::string socket, std::string domain, std::chrono::milliseconds patience = usual_patience
    );

    /// Which mechanisms it has is known when it is asked; a rule set names those to be offered.
    [[nodiscard]] bool serves(std::string_view mechanism) const override;
    Answer check_password(
        const Circumstances& circumstances, const std::string& user, const Secret& password
    ) override;
    std::unique_ptr<Exchange> begin(std::string_view mechanism, const Circumstances& circumstances)
        override;

private:
    std::string socket_;
    std::string domain_;
    std::chrono::milliseconds patience_;
};

}  // namespace sluice::auth
