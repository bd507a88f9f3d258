#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.h"
#include "base/ip_address.h"

namespace sluice::auth {

/// Who somebody turned out to be.
struct Identity {
    std::string user;  ///< as the source spells it
    std::string mail;  ///< the address that goes with it
};

/// What is known of the connection that somebody logs in over. A plain value.
struct Circumstances {
    bool encrypted = false;
    std::string exporter;          ///< channel binding tls-exporter (RFC 9266), octets; empty: none
    std::string certificate_user;  ///< whom the client's verified certificate names; empty: nobody
    Endpoint local;
    Endpoint remote;
    std::string server_name;  ///< of this host
    std::string domain;       ///< of users whose names have none
};

/// What a step of an exchange leads to.
struct Step {
    enum class Kind : std::uint8_t {
        challenge,    ///< `octets` for the client, and another step
        success,      ///< `identity`
        refused,      ///< 535, whatever the reason
        malformed,    ///< not as the mechanism has it: 501
        unavailable,  ///< nobody knows now: 454
    };
    Kind kind = Kind::refused;
    std::string octets;
    Identity identity;   ///< `user` also of a refusal, as far as it is known
    std::string reason;  ///< for the log: "Bad password"

    static Step challenge(std::string octets) {
        return {Kind::challenge, std::move(octets), {}, {}};
    }
    static Step success(Identity who) { return {Kind::success, {}, std::move(who), {}}; }
    static Step refused(std::string user, std::string reason) {
        return {Kind::refused, {}, {std::move(user), {}}, std::move(reason)};
    }
    static Step malformed(std::string reason) {
        return {Kind::malformed, {}, {}, std::move(reason)};
    }
    static Step unavailable(std::string user, std::string reason) {
        return {Kind::unavailable, {}, {std::move(user), {}}, std::move(reason)};
    }
};

/// The server's part of one SASL exchange (RFC 4422), octets without their base64. May block. One
/// thread at a time.
class Exchange {
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    /// `initial`: the client's initial response, if it sent one.
    virtual Step start(const std::optional<Secret>& initial) = 0;
    virtual Step respond(const Secret& response) = 0;
};

}  // namespace sluice::auth
