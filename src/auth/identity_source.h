#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/exchange.h"
#include "auth/scram.h"

// Where it is known who may log in: the password file, PAM, Dovecot. Sources may block; they are
// asked on threads that may wait. Thread-safe.
namespace sluice::auth {

/// What a source says about a user and a password.
struct Answer {
    enum class Kind : std::uint8_t {
        accepted,
        unknown,      ///< no such user here: another source may know it
        refused,      ///< wrong password, or not allowed to log in
        unavailable,  ///< nobody knows now
    };
    Kind kind = Kind::unknown;
    Identity identity;
    std::string reason;  ///< for the log; not for the client
};

class IdentitySource {
public:
    IdentitySource() = default;
    IdentitySource(const IdentitySource&) = delete;
    IdentitySource& operator=(const IdentitySource&) = delete;
    virtual ~IdentitySource() = default;

    /// Which mechanisms it can serve.
    [[nodiscard]] virtual bool serves(std::string_view mechanism) const = 0;
    /// PLAIN and LOGIN.
    virtual Answer check_password(
        const Circumstances& circumstances, const std::string& user, const Secret& password
    ) = 0;

    /// SCRAM: never nothing; for a user who is not there a decoy, and `answer` says so.
    struct Lookup {
        Answer answer;  ///< accepted: may log in, if the proof is right
        ScramSecret secret;
    };
    virtual Lookup find_secret(ScramHash hash, const std::string& user);
    /// EXTERNAL: whether the user that a certificate names may log in.
    virtual Answer find_user(const std::string& user);
    /// Mechanisms of which the source does the whole exchange itself; null: none of them.
    virtual std::unique_ptr<Exchange> begin(
        std::string_view mechanism, const Circumstances& circumstances
    );
};

/// "amy@example.com" as it is; a name without a domain gets `domain`.
std::string mail_of(std::string_view user, std::string_view domain);

}  // namespace sluice::auth
