#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/channel.h"
#include "config/configuration.h"
#include "tls/settings.h"

// What option.dat, channel option files and keywords say about TLS, put together.
namespace sluice::config {

/// How much a client insists, in order.
enum class TlsDemand : std::uint8_t {
    none,    ///< never, whatever is offered
    may,     ///< where it is offered and works
    must,    ///< or nothing is sent
    verify,  ///< and the certificate must be good, and for the host
};
/// "none", "may", "must", "verify".
std::optional<TlsDemand> parse_tls_demand(std::string_view word);

/// One item of TLS_HOSTS.
struct TlsHostRule {
    std::string pattern;  ///< a host, or "*.domain" for all hosts in it
    TlsDemand demand = TlsDemand::may;

    friend bool operator==(const TlsHostRule&, const TlsHostRule&) = default;
};

struct ClientTls {
    tls::ClientSettings settings;
    TlsDemand demand = TlsDemand::none;  ///< by keyword and TLS_VERIFY
    std::vector<TlsHostRule> hosts;
    std::vector<std::string> faults;  ///< items that make no sense

    /// The first rule for the destination domain, else the first one for the host connected to,
    /// else the channel's demand.
    [[nodiscard]] TlsDemand demand_for(std::string_view destination, std::string_view host) const;
};
ClientTls client_tls(const Configuration& configuration, const channel::Channel& channel);

struct ServerTls {
    tls::ServerSettings settings;
    std::vector<std::string> faults;
};
/// Of the servers whose default channel is `channel`.
ServerTls server_tls(const Configuration& configuration, const channel::Channel& channel);

}  // namespace sluice::config
