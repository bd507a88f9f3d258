#include "net/traced_resolver.h"

#include "base/bytes.h"

namespace sluice::net {

namespace {

std::string_view word_of(DnsStatus status) {
    switch (status) {
        case DnsStatus::found:
            return "found";
        case DnsStatus::no_data:
            return "no data";
        case DnsStatus::no_domain:
            return "no such domain";
        case DnsStatus::not_now:
            break;
    }
    return "no answer now";
}

std::string text_of(const MxRecord& record) {
    return std::to_string(record.preference) + ' ' + record.host;
}
std::string text_of(const IpAddress& address) {
    return address.to_string();
}
std::string text_of(const std::string& text) {
    return text;
}

class TracedResolver final : public Resolver {
public:
    TracedResolver(std::unique_ptr<Resolver> resolver, std::function<void(const std::string&)> note)
        : resolver_(std::move(resolver)), note_(std::move(note)) {}

    DnsAnswer<MxRecord> resolve_mx(std::string_view domain) override {
        return told("MX", domain, resolver_->resolve_mx(domain));
    }
    DnsAnswer<IpAddress> resolve_addresses(std::string_view host) override {
        return told("A, AAAA", host, resolver_->resolve_addresses(host));
    }
    DnsAnswer<std::string> resolve_names(const IpAddress& address) override {
        return told("PTR", address.to_string(), resolver_->resolve_names(address));
    }
    DnsAnswer<std::string> resolve_texts(std::string_view name) override {
        return told("TXT", name, resolver_->resolve_texts(name));
    }

private:
    template <class Record>
    DnsAnswer<Record> told(std::string_view type, std::string_view name, DnsAnswer<Record> answer)
        const {
        std::string line = "DNS: " + std::string(type) + " of " + printable(name) + ": ";
        line += word_of(answer.status);
        for (std::size_t i = 0; i < answer.records.size(); ++i)
            line += (i == 0 ? ": " : ", ") + printable(text_of(answer.records[i]));
        if (!answer.detail.empty()) line += " (" + printable(answer.detail) + ')';
        note_(line);
        return answer;
    }

    std::unique_ptr<Resolver> resolver_;
    std::function<void(const std::string&)> note_;
};

}  // namespace

std::unique_ptr<Resolver> traced(
    std::unique_ptr<Resolver> resolver, std::function<void(const std::string&)> note
) {
    return std::make_unique<TracedResolver>(std::move(resolver), std::move(note));
}

}  // namespace sluice::net
