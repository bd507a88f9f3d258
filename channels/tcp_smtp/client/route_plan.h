#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ip_address.h"
#include "channel/channel_settings.h"
#include "net/dns.h"
#include "own_hosts.h"

namespace sluice::tcp_client {

/// What the channel's keywords and options say about the way to a host. A plain value.
struct RouteSettings {
    channel::MxUse mx = channel::MxUse::random;
    std::string daemon;       ///< keyword daemon: this host whatever the address says; or empty
    std::string last_resort;  ///< keyword lastresort; or empty
    std::uint16_t port = 25;
    std::size_t max_mx = 32;          ///< MAX_MX_RECORDS
    std::size_t max_addresses = 15;   ///< MAX_A_RECORDS, of one host
    std::optional<IpAddress> source;  ///< connections start here: only its family can be reached
    OwnHosts own;
};

namespace route {

/// Call on_mx() with the answer.
struct AskMx {
    std::string domain;
};
/// Call on_addresses() with the answer.
struct AskAddresses {
    std::string host;
};
/// Connect here; next() again when that fails.
struct Try {
    std::string host;  ///< the mail exchanger, or the host itself
    Endpoint endpoint;
    std::size_t number = 1;  ///< of this address among those of the host, from 1
    std::size_t count = 1;   ///< addresses of the host
};
/// There is nothing (more) to try. `error`: why there was nothing at all; unset after a Try.
struct Exhausted {
    std::optional<Error> error;
};

}  // namespace route

using RouteStep = std::variant<route::AskMx, route::AskAddresses, route::Try, route::Exhausted>;

/// The way to one destination host: which hosts, which addresses, in which order (RFC 5321 section
/// 5.1, RFC 7505; spec page smtp-channel, section 5.1). Pure: asks for the answers it needs, one at
/// a time, and no earlier than needed: the addresses of less preferred exchangers are not looked up
/// while better ones work.
///
/// Mail exchangers of a preference equal to or worse than our own are no way out: whoever sends the
/// mail there gets it back. With all of them dropped the mail loops (5.4.6). Hosts are ours by name
/// or by address and port.
class RoutePlan {
public:
    /// `settings` must outlive the plan. `seed` shuffles exchangers of equal preference.
    RoutePlan(const RouteSettings& settings, std::string host, std::uint64_t seed);

    RouteStep next();
    void on_mx(net::DnsAnswer<net::MxRecord> answer);
    void on_addresses(net::DnsAnswer<IpAddress> answer);
    /// Leaves out the other addresses of the host last tried.
    void skip_host();

private:
    struct Candidate {
        std::string host;
        std::uint32_t preference = 0;
        std::vector<IpAddress> addresses;
    };
    using Candidates = std::deque<Candidate>;

    void start();
    void sort_exchangers(std::vector<Candidate>& exchangers);
    /// Moves the candidates of the best preference into group_.
    bool begin_group();
    void end_group();
    bool add_last_resort();
    [[nodiscard]] bool leads_here(const Candidate& candidate) const;
    [[nodiscard]] std::vector<IpAddress> usable(std::vector<IpAddress> addresses) const;
    void fail(Error error);
    [[nodiscard]] Error nothing_usable() const;

    const RouteSettings& settings_;
    std::string host_;
    std::uint64_t seed_;
    bool by_configuration_;  // the host is the one of the keyword daemon
    bool started_ = false;
    bool needs_mx_ = false;  // AskMx is not answered yet
    bool by_mx_ = false;     // the candidates are mail exchangers
    bool resorted_ = false;  // ... or the host of last resort
    bool tried_ = false;
    std::optional<Error> failure_;  // nothing will be tried
    bool found_self_ = false;
    bool no_domain_ = false;              // the host itself does not exist
    bool no_family_ = false;              // there were addresses, of the wrong family only
    std::optional<std::string> not_now_;  // a name server's temporary failure
    Candidates waiting_;
    Candidates group_;            // of one preference
    std::size_t unanswered_ = 0;  // index into group_ of the next host to be looked up
    std::deque<route::Try> tries_;
    std::string last_host_;  // of the last Try
};

}  // namespace sluice::tcp_client
