#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "net/dns.h"

namespace sluice::dispatcher {

/// DNS_VERIFY_DOMAIN: whether a list has a client's address. The lists are asked together. One that
/// does not answer counts as not listing; after three times in a row it is not asked for a minute,
/// so that connections do not wait for a list that is dead. Thread-safe.
class DnsLists {
public:
    /// `make_resolver` is called when the first list is asked.
    DnsLists(std::function<std::unique_ptr<net::Resolver>()> make_resolver, const Clock& clock)
        : make_resolver_(std::move(make_resolver)), clock_(clock) {}

    /// The first of these lists that has the address; waits for the DNS.
    std::optional<std::string> find(
        const IpAddress& address, const std::vector<std::string>& lists
    );

private:
    struct Silence {
        int in_a_row = 0;
        MonoTime until{};  ///< not asked before
    };

    net::Resolver* resolver();
    bool is_asked(const std::string& list);
    void note(const std::string& list, bool has_answered);

    std::function<std::unique_ptr<net::Resolver>()> make_resolver_;
    const Clock& clock_;
    std::once_flag made_;
    std::unique_ptr<net::Resolver> resolver_;
    std::mutex mutex_;
    std::map<std::string, Silence> silences_;  // guarded by mutex_
};

}  // namespace sluice::dispatcher
