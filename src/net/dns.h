#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace sluice::net {

/// What the DNS said. Everything that is not an authoritative yes or no is `not_now`: SERVFAIL,
/// time out, bogus signatures, nonsense. Only `no_domain` may make a recipient fail for good.
enum class DnsStatus : std::uint8_t { found, no_data, no_domain, not_now };

struct MxRecord {
    std::uint16_t preference = 0;
    std::string host;  ///< without the final dot; empty for the null MX of RFC 7505
};

template <class Record>
struct DnsAnswer {
    DnsStatus status = DnsStatus::not_now;
    std::vector<Record> records;
    std::string detail;  ///< why, for the log
};

/// Questions that mail asks of the DNS. Blocking; thread-safe; every call ends within the
/// resolver's time limit.
class Resolver {
public:
    Resolver() = default;
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    virtual ~Resolver() = default;

    virtual DnsAnswer<MxRecord> resolve_mx(std::string_view domain) = 0;
    /// A and AAAA together, IPv4 first. `no_data` when the name exists without either.
    virtual DnsAnswer<IpAddress> resolve_addresses(std::string_view host) = 0;
    /// Names of an address (PTR), unverified.
    virtual DnsAnswer<std::string> resolve_names(const IpAddress& address) = 0;
    /// Texts (TXT) of a name; the strings of one record joined. A resolver may do without.
    virtual DnsAnswer<std::string> resolve_texts(std::string_view) { return {}; }
};

struct ResolverSettings {
    /// "ip" or "ip@port"; empty: the servers of /etc/resolv.conf.
    std::vector<std::string> servers;
    std::chrono::seconds time_limit{30};
    /// Answers are kept for as long as the DNS says, but at least and at most so long. Zero: as
    /// libunbound does it.
    std::chrono::seconds least_caching{0};
    std::chrono::seconds most_caching{0};
};

/// A caching resolver on libunbound.
std::unique_ptr<Resolver> make_resolver(const ResolverSettings& settings);

}  // namespace sluice::net
