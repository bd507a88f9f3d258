#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/dns.h"

namespace sluice::test {

/// A DNS of a few names. What is not in it does not exist, or has the status that is set for it.
class FakeResolver final : public net::Resolver {
public:
    net::DnsAnswer<net::MxRecord> resolve_mx(std::string_view domain) override {
        return {status_of(domain), {}, {}};
    }
    net::DnsAnswer<IpAddress> resolve_addresses(std::string_view host) override {
        net::DnsAnswer<IpAddress> answer{status_of(host), {}, {}};
        for (const std::string& text : records(addresses, host)) {
            answer.status = net::DnsStatus::found;
            answer.records.push_back(*IpAddress::parse(text));
        }
        return answer;
    }
    net::DnsAnswer<std::string> resolve_names(const IpAddress& address) override {
        return texts_of(names, address.to_string());
    }
    net::DnsAnswer<std::string> resolve_texts(std::string_view name) override {
        return texts_of(texts, name);
    }

    using Records = std::map<std::string, std::vector<std::string>, std::less<>>;
    Records addresses;
    Records names;
    Records texts;
    std::map<std::string, net::DnsStatus, std::less<>> statuses;

private:
    static std::vector<std::string> records(const Records& all, std::string_view name) {
        const auto found = all.find(name);
        return found != all.end() ? found->second : std::vector<std::string>();
    }
    [[nodiscard]] net::DnsStatus status_of(std::string_view name) const {
        const auto found = statuses.find(name);
        return found != statuses.end() ? found->second : net::DnsStatus::no_domain;
    }
    net::DnsAnswer<std::string> texts_of(const Records& all, std::string_view name) const {
        auto found = records(all, name);
        const auto status = found.empty() ? status_of(name) : net::DnsStatus::found;
        return {status, std::move(found), {}};
    }
};

}  // namespace sluice::test
