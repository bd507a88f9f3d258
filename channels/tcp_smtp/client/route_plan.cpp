#include "route_plan.h"

#include <algorithm>
#include <random>
#include <set>

#include "address/domain.h"
#include "base/bytes.h"
#include "log/diagnostic.h"

namespace sluice::tcp_client {

using namespace route;

namespace {

// "[192.0.2.1]" of an address, or the bare address that a keyword may give.
std::optional<IpAddress> address_of(std::string_view host) {
    if (address::is_literal(host)) return address::literal_address(host);
    return IpAddress::parse(host);
}

// "[relay.example]": this host itself, not its mail exchangers.
std::string without_brackets(const std::string& host) {
    return address::is_literal(host) ? host.substr(1, host.size() - 2) : host;
}

std::string without_final_dot(std::string host) {
    if (!host.empty() && host.back() == '.') host.pop_back();
    return host;
}

// What a name in the DNS can be at all: queries for anything else are not worth sending.
bool is_name(std::string_view host) {
    constexpr std::size_t longest_name = 253;
    constexpr std::size_t longest_label = 63;
    if (host.empty() || host.size() > longest_name) return false;
    const auto labels = split(host, '.');
    return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
        return !label.empty() && label.size() <= longest_label &&
               std::none_of(label.begin(), label.end(), [](char c) {
                   return is_control(c) || is_blank(c);
               });
    });
}

Error no_such_domain() {
    return Error::permanent({5, 1, 2}, std::string(log::no_such_domain));
}

}  // namespace

RoutePlan::RoutePlan(const RouteSettings& settings, std::string host, std::uint64_t seed)
    : settings_(settings),
      host_(without_final_dot(settings.daemon.empty() ? std::move(host) : settings.daemon)),
      seed_(seed),
      by_configuration_(!settings.daemon.empty()) {}

RouteStep RoutePlan::next() {
    if (!started_) start();
    while (true) {
        if (failure_) return Exhausted{std::move(failure_)};
        if (!tries_.empty()) {
            Try step = std::move(tries_.front());
            tries_.pop_front();
            tried_ = true;
            last_host_ = step.host;
            return step;
        }
        if (needs_mx_) return AskMx{host_};
        if (unanswered_ < group_.size()) return AskAddresses{group_[unanswered_].host};
        if (!group_.empty()) {
            end_group();
        } else if (!begin_group() && !add_last_resort()) {
            if (tried_) return Exhausted{};
            fail(nothing_usable());
        }
    }
}

void RoutePlan::start() {
    started_ = true;
    if (const auto literal = address_of(host_)) {
        group_.push_back({host_, 0, usable({*literal})});
        unanswered_ = 1;
        no_family_ = group_.front().addresses.empty();
        return;
    }
    const bool bracketed = address::is_literal(host_);
    if (bracketed && !by_configuration_) return fail(no_such_domain());
    const std::string name = without_brackets(host_);
    if (!is_name(name)) return fail(no_such_domain());
    const bool exchangers =
        settings_.mx == channel::MxUse::random || settings_.mx == channel::MxUse::in_order;
    host_ = name;
    by_mx_ = needs_mx_ = exchangers && !bracketed;
    if (!by_mx_) waiting_.push_back({host_, 0, {}});
}

void RoutePlan::on_mx(net::DnsAnswer<net::MxRecord> answer) {
    needs_mx_ = false;
    switch (answer.status) {
        case net::DnsStatus::not_now:
            return fail(Error::temporary({4, 4, 3}, std::move(answer.detail)));
        case net::DnsStatus::no_domain:
            return fail(no_such_domain());
        case net::DnsStatus::no_data:
            by_mx_ = false;  // RFC 5321 section 5.1: the host is its own exchanger
            waiting_.push_back({host_, 0, {}});
            return;
        case net::DnsStatus::found:
            break;
    }
    std::vector<Candidate> exchangers;
    for (net::MxRecord& record : answer.records) {
        const std::string name = without_final_dot(std::move(record.host));
        if (!name.empty()) exchangers.push_back({name, record.preference, {}});
    }
    if (exchangers.empty()) {
        return fail(Error::permanent({5, 1, 10}, "domain " + host_ + " takes no mail (null MX)"));
    }
    sort_exchangers(exchangers);
    for (Candidate& exchanger : exchangers) waiting_.push_back(std::move(exchanger));
}

void RoutePlan::sort_exchangers(std::vector<Candidate>& exchangers) {
    if (settings_.mx == channel::MxUse::random) {
        std::mt19937_64 random(seed_);
        std::shuffle(exchangers.begin(), exchangers.end(), random);
    }
    std::stable_sort(exchangers.begin(), exchangers.end(), [](const auto& a, const auto& b) {
        return a.preference < b.preference;
    });
    const auto self =
        std::find_if(exchangers.begin(), exchangers.end(), [this](const Candidate& candidate) {
            return settings_.own.has_name(candidate.host);
        });
    if (self != exchangers.end()) {
        found_self_ = true;
        const std::uint32_t ours = self->preference;
        std::erase_if(exchangers, [ours](const auto& c) { return c.preference >= ours; });
    }
    std::set<std::string, LessIgnoringCase> seen;
    std::erase_if(exchangers, [&seen](const auto& c) { return !seen.insert(c.host).second; });
    if (exchangers.size() > settings_.max_mx) exchangers.resize(settings_.max_mx);
}

bool RoutePlan::begin_group() {
    if (waiting_.empty()) return false;
    unanswered_ = 0;
    const std::uint32_t preference = waiting_.front().preference;
    while (!waiting_.empty() && waiting_.front().preference == preference) {
        group_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return true;
}

void RoutePlan::on_addresses(net::DnsAnswer<IpAddress> answer) {
    Candidate& candidate = group_[unanswered_++];
    switch (answer.status) {
        case net::DnsStatus::found:
            candidate.addresses = usable(std::move(answer.records));
            if (candidate.addresses.empty()) no_family_ = true;
            break;
        case net::DnsStatus::not_now:
            not_now_ = std::move(answer.detail);
            break;
        case net::DnsStatus::no_domain:
            no_domain_ = !by_mx_ && !resorted_;
            break;
        case net::DnsStatus::no_data:
            break;
    }
}

// A configured host may well be this machine (a filter on another port, another instance).
bool RoutePlan::leads_here(const Candidate& candidate) const {
    if ((by_configuration_ && !by_mx_) || resorted_) return false;
    return std::any_of(
        candidate.addresses.begin(), candidate.addresses.end(),
        [this](const IpAddress& address) {
            return settings_.own.has_endpoint({address, settings_.port});
        }
    );
}

void RoutePlan::end_group() {
    if (std::any_of(group_.begin(), group_.end(), [this](const Candidate& candidate) {
            return leads_here(candidate);
        })) {
        found_self_ = true;
        waiting_.clear();
    } else {
        for (const Candidate& candidate : group_) {
            const std::size_t count = candidate.addresses.size();
            for (std::size_t i = 0; i < count; ++i) {
                const Endpoint endpoint{candidate.addresses[i], settings_.port};
                tries_.push_back({candidate.host, endpoint, i + 1, count});
            }
        }
    }
    group_.clear();
    unanswered_ = 0;
}

bool RoutePlan::add_last_resort() {
    if (settings_.last_resort.empty() || resorted_ || (found_self_ && !tried_)) return false;
    resorted_ = true;
    if (const auto literal = address_of(settings_.last_resort)) {
        group_.push_back({settings_.last_resort, 0, usable({*literal})});
        unanswered_ = 1;
    } else {
        waiting_.push_back({without_final_dot(without_brackets(settings_.last_resort)), 0, {}});
    }
    return true;
}

void RoutePlan::skip_host() {
    std::erase_if(tries_, [this](const Try& step) { return step.host == last_host_; });
}

// A host that the configuration names and that does not exist is a mistake that will be repaired:
// no reason to return mail.
void RoutePlan::fail(Error error) {
    if (by_configuration_ && error.is_permanent()) {
        StatusCode status = error.status();
        status.status_class = 4;
        error = Error::temporary(status, error.text());
    }
    failure_ = std::move(error);
}

Error RoutePlan::nothing_usable() const {
    if (found_self_) return Error::permanent({5, 4, 6}, "mail for " + host_ + " loops back here");
    if (not_now_) return Error::temporary({4, 4, 3}, *not_now_);
    if (no_family_) {
        return Error::temporary({4, 4, 4}, host_ + " has no address of the interface's family");
    }
    if (no_domain_) return no_such_domain();
    return Error::permanent(
        {5, 4, 4}, by_mx_ ? "no mail exchanger of " + host_ + " has an address"
                          : "host " + host_ + " has no address"
    );
}

// IPv4 first, as the resolver has them; a cut leaves each family its share.
std::vector<IpAddress> RoutePlan::usable(std::vector<IpAddress> addresses) const {
    if (settings_.source) {
        std::erase_if(addresses, [this](const IpAddress& address) {
            return address.is_v4() != settings_.source->is_v4();
        });
    }
    const std::size_t most = settings_.max_addresses;
    if (addresses.size() <= most) return addresses;
    const auto v6 = std::stable_partition(
        addresses.begin(), addresses.end(), [](const IpAddress& a) { return a.is_v4(); }
    );
    const auto v4_count = static_cast<std::size_t>(v6 - addresses.begin());
    const std::size_t v6_count = addresses.size() - v4_count;
    const std::size_t v4_kept =
        std::min(v4_count, std::max(most - std::min(v6_count, most), (most + 1) / 2));
    std::vector<IpAddress> kept(
        addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(v4_kept)
    );
    kept.insert(kept.end(), v6, v6 + static_cast<std::ptrdiff_t>(most - v4_kept));
    return kept;
}

}  // namespace sluice::tcp_client
