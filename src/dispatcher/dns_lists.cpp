#include "dispatcher/dns_lists.h"

#include <future>
#include <stdexcept>

#include "base/log.h"
#include "callout/dns_list.h"

namespace sluice::dispatcher {

namespace {

constexpr int silences_that_count = 3;
constexpr std::chrono::minutes pause{1};

}  // namespace

// Without a resolver nobody is listed.
net::Resolver* DnsLists::resolver() {
    std::call_once(made_, [this] {
        try {
            resolver_ = make_resolver_();
        } catch (const std::runtime_error& problem) {
            diag::warning("DNS_VERIFY_DOMAIN: " + std::string(problem.what()));
        }
    });
    return resolver_.get();
}

bool DnsLists::is_asked(const std::string& list) {
    const std::lock_guard lock(mutex_);
    const auto silence = silences_.find(list);
    return silence == silences_.end() || clock_.mono_now() >= silence->second.until;
}

void DnsLists::note(const std::string& list, bool has_answered) {
    const std::lock_guard lock(mutex_);
    if (has_answered) {
        silences_.erase(list);
        return;
    }
    Silence& silence = silences_[list];
    if (++silence.in_a_row < silences_that_count) return;
    silence = {0, clock_.mono_now() + pause};
    diag::warning("DNS list " + list + " does not answer and is not asked for a minute");
}

std::optional<std::string> DnsLists::find(
    const IpAddress& address, const std::vector<std::string>& lists
) {
    using Answer = net::DnsAnswer<IpAddress>;
    net::Resolver* const dns = resolver();
    if (dns == nullptr) return std::nullopt;
    std::vector<std::pair<std::string, std::future<Answer>>> asked;
    for (const std::string& list : lists) {
        if (!is_asked(list)) continue;
        asked.emplace_back(list, std::async(std::launch::async, [dns, &address, list] {
                               return dns->resolve_addresses(callout::name_on_list(address, list));
                           }));
    }
    std::optional<std::string> found;
    for (auto& [list, pending] : asked) {
        const Answer answer = pending.get();
        note(list, answer.status != net::DnsStatus::not_now);
        if (!found && callout::says_listed(answer)) found = list;
    }
    return found;
}

}  // namespace sluice::dispatcher
