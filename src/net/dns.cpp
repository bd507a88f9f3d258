#include "net/dns.h"

#include <poll.h>
#include <unbound.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <future>
#include <span>
#include <stdexcept>
#include <thread>

#include "base/bytes.h"
#include "base/deleter.h"
#include "base/limit_hits.h"
#include "net/dns_records.h"

namespace sluice::net {

namespace {

constexpr int type_a = 1;
constexpr int type_ptr = 12;
constexpr int type_mx = 15;
constexpr int type_txt = 16;
constexpr int type_aaaa = 28;
constexpr int class_in = 1;
constexpr int rcode_no_error = 0;
constexpr int rcode_name_error = 3;

using Context = std::unique_ptr<ub_ctx, Deleter<ub_ctx_delete>>;
using Answer = std::unique_ptr<ub_result, Deleter<ub_resolve_free>>;
using Octets = std::span<const unsigned char>;

/// Uncompressed domain name in wire form (libunbound expands compression) to text without the final
/// dot.
std::string name_text(Octets wire) {
    std::string name;
    while (!wire.empty() && wire[0] != 0 && wire.size() > wire[0]) {
        if (!name.empty()) name += '.';
        for (const unsigned char c : wire.subspan(1, wire[0])) {
            // A dot or a control inside a label cannot be part of a host name that mail may use.
            const char byte = static_cast<char>(c);
            name += byte == '.' || byte == ' ' || is_control(byte) ? '?' : byte;
        }
        wire = wire.subspan(1U + wire[0]);
    }
    return name;
}

/// The strings of a TXT record, each with its length in front.
std::string joined_strings(Octets data) {
    std::string text;
    while (!data.empty()) {
        const std::size_t size = std::min<std::size_t>(data[0], data.size() - 1);
        text.append(reinterpret_cast<const char*>(data.data()) + 1, size);
        data = data.subspan(1 + size);
    }
    return text;
}

DnsStatus status_of(const ub_result& result) {
    if (result.bogus != 0) return DnsStatus::not_now;
    if (result.rcode == rcode_name_error) return DnsStatus::no_domain;
    if (result.rcode != rcode_no_error) return DnsStatus::not_now;
    return result.havedata != 0 ? DnsStatus::found : DnsStatus::no_data;
}

std::string detail_of(const ub_result& result) {
    if (result.bogus != 0)
        return std::string("DNSSEC: ") + (result.why_bogus != nullptr ? result.why_bogus : "bogus");
    switch (result.rcode) {
        case rcode_no_error:
            return {};
        case rcode_name_error:
            return "no such domain";
        case 2:
            return "name server failure";
        case 5:
            return "name server refused";
        default:
            return "DNS response code " + std::to_string(result.rcode);
    }
}

struct Reply {
    int error = 0;
    Answer answer;
};
using Pending = std::promise<Reply>;

void on_reply(void* pending, int error, ub_result* result) {
    const std::unique_ptr<Pending> promise(static_cast<Pending*>(pending));
    promise->set_value({error, Answer(result)});
}

/// Queries run on libunbound's own thread; one more thread of ours hands the answers back, so that
/// a caller can stop waiting at its time limit whatever the servers do.
class UnboundResolver final : public Resolver {
public:
    explicit UnboundResolver(const ResolverSettings& settings)
        : context_(ub_ctx_create()), time_limit_(settings.time_limit) {
        if (!context_) throw std::runtime_error("libunbound: no context");
        require(ub_ctx_async(context_.get(), 1));
        // Test and split-horizon set-ups have their name server on the loopback interface.
        require(ub_ctx_set_option(context_.get(), "do-not-query-localhost:", "no"));
        if (settings.least_caching.count() > 0) {
            const std::string least = std::to_string(settings.least_caching.count());
            require(ub_ctx_set_option(context_.get(), "cache-min-ttl:", least.c_str()));
        }
        if (settings.most_caching.count() > 0) {
            const std::string most = std::to_string(settings.most_caching.count());
            require(ub_ctx_set_option(context_.get(), "cache-max-ttl:", most.c_str()));
            require(ub_ctx_set_option(context_.get(), "cache-max-negative-ttl:", most.c_str()));
        }
        if (settings.servers.empty()) {
            ub_ctx_resolvconf(context_.get(), nullptr);
            ub_ctx_hosts(context_.get(), nullptr);
        }
        for (const std::string& server : settings.servers)
            require(ub_ctx_set_fwd(context_.get(), server.c_str()));
        pump_ = std::thread([this] { deliver_answers(); });
    }
    ~UnboundResolver() override {
        stopping_ = true;
        pump_.join();
    }

    DnsAnswer<MxRecord> resolve_mx(std::string_view domain) override {
        return query<MxRecord>(
            std::string(domain), type_mx,
            [](Octets data) {
                return MxRecord{
                    static_cast<std::uint16_t>(data[0] << 8U | data[1]),
                    name_text(data.subspan(2))};
            },
            3
        );
    }

    DnsAnswer<IpAddress> resolve_addresses(std::string_view host) override {
        const std::string name(host);
        auto v4 = query<IpAddress>(
            name, type_a,
            [](Octets data) {
                std::array<std::uint8_t, 4> octets{};
                std::memcpy(octets.data(), data.data(), octets.size());
                return IpAddress::v4(octets);
            },
            4
        );
        if (v4.status == DnsStatus::no_domain) return v4;
        auto v6 = query<IpAddress>(
            name, type_aaaa,
            [](Octets data) {
                std::array<std::uint8_t, 16> octets{};
                std::memcpy(octets.data(), data.data(), octets.size());
                return IpAddress::v6(octets);
            },
            16
        );
        return merged(std::move(v4), std::move(v6));
    }

    DnsAnswer<std::string> resolve_names(const IpAddress& address) override {
        return query<std::string>(
            reverse_name(address), type_ptr, [](Octets data) { return name_text(data); }, 1
        );
    }

    DnsAnswer<std::string> resolve_texts(std::string_view name) override {
        return query<std::string>(std::string(name), type_txt, joined_strings, 1);
    }

private:
    static void require(int code) {
        if (code != 0) throw std::runtime_error(std::string("libunbound: ") + ub_strerror(code));
    }

    template <class Record, class Decode>
    DnsAnswer<Record> query(
        const std::string& name, int type, Decode decode, std::size_t least_size
    ) {
        auto pending = std::make_unique<Pending>();
        std::future<Reply> future = pending->get_future();
        int id = 0;
        const int code = ub_resolve_async(
            context_.get(), name.c_str(), type, class_in, pending.get(), on_reply, &id
        );
        if (code != 0) return {DnsStatus::not_now, {}, std::string("DNS: ") + ub_strerror(code)};
        Pending* const handed_over =
            pending.release();  // on_reply owns it unless the query is cancelled
        if (future.wait_for(time_limit_) != std::future_status::ready) {
            if (ub_cancel(context_.get(), id) == 0) {
                delete handed_over;  // NOLINT(cppcoreguidelines-owning-memory): taken back from
                                     // libunbound
                limits::hit(limits::Limit::dns_time, "DNS: no answer in time");
                return {DnsStatus::not_now, {}, "DNS: no answer in time"};
            }
        }
        const Reply reply = future.get();
        if (reply.error != 0 || !reply.answer) {
            return {DnsStatus::not_now, {}, std::string("DNS: ") + ub_strerror(reply.error)};
        }
        const Answer& answer = reply.answer;
        DnsAnswer<Record> out{status_of(*answer), {}, detail_of(*answer)};
        if (out.status != DnsStatus::found) return out;
        out.records = used_records<Record>(octets_of(*answer), least_size, decode);
        if (out.records.empty()) return {DnsStatus::not_now, {}, "malformed DNS records"};
        return out;
    }

    static std::vector<Octets> octets_of(const ub_result& answer) {
        std::vector<Octets> all;
        for (std::size_t i = 0; answer.data[i] != nullptr; ++i) {
            all.emplace_back(
                reinterpret_cast<const unsigned char*>(answer.data[i]),
                static_cast<std::size_t>(answer.len[i])
            );
        }
        return all;
    }

    static DnsAnswer<IpAddress> merged(DnsAnswer<IpAddress> v4, DnsAnswer<IpAddress> v6) {
        if (v4.status == DnsStatus::found) {
            v4.records.insert(v4.records.end(), v6.records.begin(), v6.records.end());
            return v4;
        }
        // "Not now" for one family hides whether there is an address: the host must be tried again
        // later.
        if (v4.status == DnsStatus::not_now && v6.status != DnsStatus::found) return v4;
        return v6;
    }

    static std::string reverse_name(const IpAddress& address) {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string name;
        const auto& octets = address.octets();
        if (address.is_v4()) {
            for (int i = 3; i >= 0; --i)
                name += std::to_string(octets[static_cast<std::size_t>(i)]) + '.';
            return name + "in-addr.arpa";
        }
        for (int i = 15; i >= 0; --i) {
            const std::uint8_t octet = octets[static_cast<std::size_t>(i)];
            name += {digits[octet & 15U], '.', digits[octet >> 4U], '.'};
        }
        return name + "ip6.arpa";
    }

    void deliver_answers() {
        while (!stopping_) {
            pollfd waiting{ub_fd(context_.get()), POLLIN, 0};
            constexpr int look_at_stop_flag_after_ms = 100;
            if (::poll(&waiting, 1, look_at_stop_flag_after_ms) > 0) ub_process(context_.get());
        }
    }

    Context context_;
    std::chrono::seconds time_limit_;
    std::atomic<bool> stopping_{false};
    std::thread pump_;
};

}  // namespace

std::unique_ptr<Resolver> make_resolver(const ResolverSettings& settings) {
    return std::make_unique<UnboundResolver>(settings);
}

}  // namespace sluice::net
