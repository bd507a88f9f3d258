#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/mechanism.h"
#include "auth/secret.h"

// The client's part of logging in: with whom, by what, and the exchange itself. Pure, but for the
// arithmetic of SCRAM.
namespace sluice::auth {

struct Credentials {
    std::string user;
    Secret password;
};

/// The best mechanism that the server has and a user and password serve for; empty: none. What is
/// bound to TLS only where there is something to bind to.
std::string choose_mechanism(const Mechanisms& offered, bool has_binding);

/// One exchange, octets without their base64.
class ClientExchange {
public:
    ClientExchange() = default;
    ClientExchange(const ClientExchange&) = delete;
    ClientExchange& operator=(const ClientExchange&) = delete;
    virtual ~ClientExchange() = default;

    /// What goes along with AUTH; nullopt: the server begins.
    virtual std::optional<std::string> initial() = 0;
    /// The answer to a challenge; nullopt: it is nonsense, or not from who knows the password.
    virtual std::optional<std::string> respond(std::string_view challenge) = 0;
    /// Whether the server has shown what the mechanism has it show.
    [[nodiscard]] virtual bool is_satisfied() const = 0;
};

/// Null: nobody does the mechanism here. `exporter`: channel binding, empty where there is none.
std::unique_ptr<ClientExchange> begin_client_exchange(
    const std::string& mechanism, Credentials credentials, std::string exporter
);

}  // namespace sluice::auth
