#pragma once

#include <chrono>
#include <string>

#include "auth/identity_source.h"

namespace sluice::auth {

/// Accounts of the machine, or whatever its PAM stack knows. Asked by the program pam_host, one run
/// for each log-in: modules are foreign code, and some of them fork, read or wait as they like.
class PamSource final : public IdentitySource {
public:
    struct Settings {
        std::string program;  ///< path of pam_host
        std::string service = "sluice";
        std::string directory;  ///< of PAM's files; empty: the system's
        std::string domain;
        std::chrono::milliseconds patience{30000};
    };

    explicit PamSource(Settings settings);

    [[nodiscard]] bool serves(std::string_view mechanism) const override;
    Answer check_password(
        const Circumstances& circumstances, const std::string& user, const Secret& password
    ) override;

private:
    Settings settings_;
};

}  // namespace sluice::auth
