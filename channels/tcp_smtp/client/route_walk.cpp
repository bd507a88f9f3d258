#include "route_walk.h"

namespace sluice::tcp_client {

void RememberedAddresses::add(const Endpoint& endpoint, MonoTime now) {
    if (!enabled_) return;
    const std::lock_guard lock(mutex_);
    if (until_.size() >= limit) {
        std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
        if (until_.size() >= limit) until_.clear();
    }
    until_[endpoint] = now + lifetime;
}

void RememberedAddresses::remove(const Endpoint& endpoint) {
    if (!enabled_) return;
    const std::lock_guard lock(mutex_);
    until_.erase(endpoint);
}

bool RememberedAddresses::contains(const Endpoint& endpoint, MonoTime now) const {
    if (!enabled_) return false;
    const std::lock_guard lock(mutex_);
    const auto entry = until_.find(endpoint);
    return entry != until_.end() && entry->second > now;
}

RouteWalk::RouteWalk(
    const RouteSettings& settings,
    std::string host,
    std::uint64_t seed,
    net::Resolver& resolver,
    const RememberedAddresses& unreachable,
    std::function<void(const std::string&)> on_remark
)
    : plan_(settings, std::move(host), seed),
      resolver_(resolver),
      unreachable_(unreachable),
      on_remark_(std::move(on_remark)) {}

// The words are those that logs in the form of Post.Office have.
void RouteWalk::remark_on(const std::string& domain, net::DnsStatus status) const {
    if (!on_remark_ || status == net::DnsStatus::found) return;
    const bool late = status == net::DnsStatus::not_now;
    on_remark_("MX lookup for " + domain + (late ? " timed out" : " returned no records"));
}

std::variant<route::Try, route::Exhausted> RouteWalk::next(MonoTime now) {
    while (true) {
        RouteStep step = plan_.next();
        if (const auto* ask = std::get_if<route::AskMx>(&step)) {
            const std::string domain = ask->domain;
            auto answer = resolver_.resolve_mx(domain);
            remark_on(domain, answer.status);
            plan_.on_mx(std::move(answer));
        } else if (const auto* ask_host = std::get_if<route::AskAddresses>(&step)) {
            plan_.on_addresses(resolver_.resolve_addresses(ask_host->host));
        } else if (auto* where = std::get_if<route::Try>(&step)) {
            if (unreachable_.contains(where->endpoint, now)) {
                postponed_.push_back(std::move(*where));
                continue;
            }
            last_host_ = where->host;
            return std::move(*where);
        } else if (postponed_.empty()) {
            return std::get<route::Exhausted>(std::move(step));
        } else {
            route::Try late = std::move(postponed_.front());
            postponed_.pop_front();
            last_host_ = late.host;
            return late;
        }
    }
}

void RouteWalk::skip_host() {
    plan_.skip_host();
    std::erase_if(postponed_, [this](const route::Try& late) { return late.host == last_host_; });
}

}  // namespace sluice::tcp_client
