#include "callout/client_checks.h"

#include <algorithm>
#include <future>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "callout/dns_list.h"
#include "channel/period.h"
#include "meter/key.h"
#include "meter/rules.h"

namespace sluice::callout {

using mapping::Answer;
using net::DnsStatus;

namespace {

constexpr std::string_view temporary_code = "451 4.7.1";
constexpr std::string_view permanent_code = "553 5.7.1";

/// Text behind the code, where there is one.
std::string_view code_or(std::string_view given, std::string_view usual) {
    given = trim(given);
    return given.empty() ? usual : given;
}

Answer reply(std::string_view code, std::string_view text) {
    return Answer::literal(std::string(code) + ' ' + reply_text(text));
}

/// "first,rest".
struct Fields {
    explicit Fields(std::string_view argument)
        : first(argument.substr(0, argument.find(','))),
          rest(argument.substr(std::min(argument.size(), first.size() + 1))) {}
    std::string_view first;
    std::string_view rest;
};

class DnsLists final : public Routine {
public:
    explicit DnsLists(std::function<net::Resolver&()> resolver) : resolver_(std::move(resolver)) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const Fields fields(argument);
        const Fields more(fields.rest);
        const auto address = IpAddress::parse(trim(fields.first));
        auto lists = split_words(more.first);
        if (!address || lists.empty()) return Answer::none();
        if (lists.size() > most_lists) lists.resize(most_lists);
        net::Resolver& resolver = resolver_();
        // One that does not answer keeps the others from nobody: they are asked together.
        std::vector<std::future<std::optional<std::string>>> asked;
        for (const std::string_view list : lists)
            asked.push_back(std::async(std::launch::async, [&resolver, &address, list] {
                return listing(resolver, *address, list);
            }));
        std::optional<std::string> found;
        for (auto& each : asked) {
            if (auto text = each.get(); text && !found) found = std::move(text);
        }
        if (!found) return Answer::none();
        return reply(code_or(more.rest, permanent_code), *found);
    }

private:
    static constexpr std::size_t most_lists = 8;
    std::function<net::Resolver&()> resolver_;
};

class ReverseName final : public Routine {
public:
    ReverseName(bool leads_back, std::function<net::Resolver&()> resolver)
        : leads_back_(leads_back), resolver_(std::move(resolver)) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const Fields fields(argument);
        const auto address = IpAddress::parse(trim(fields.first));
        if (!address) return Answer::none();
        const std::string_view code = code_or(fields.rest, temporary_code);
        const auto names = resolver_().resolve_names(*address);
        if (names.status == DnsStatus::not_now) return Answer::none();
        if (names.records.empty()) {
            Answer answer =
                reply(code, "We do not accept mail from IP addresses without reverse DNS.");
            answer.remark = "DENY no reverse DNS";
            return answer;
        }
        if (!leads_back_ || may_lead_back(*address, names.records)) return Answer::none();
        return reply(
            code, "We do not accept mail from IP addresses whose reverse DNS does not lead back."
        );
    }

private:
    /// Whether one of the names has the address, or it cannot be found out now.
    bool may_lead_back(const IpAddress& address, const std::vector<std::string>& names) {
        constexpr std::size_t most_names = 4;
        for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i) {
            const auto found = resolver_().resolve_addresses(names[i]);
            if (found.status == DnsStatus::not_now) return true;
            const auto& records = found.records;
            if (std::find(records.begin(), records.end(), address) != records.end()) return true;
        }
        return false;
    }

    bool leads_back_;
    std::function<net::Resolver&()> resolver_;
};

meter::TableSettings greylist_table(std::string_view name) {
    meter::TableSettings table;
    table.name = name;
    table.type = meter::TableType::greylisting;
    table.keys_are_addresses = false;
    table.ignores_case = true;
    table.max_entries = 100'000;
    table.resubmit_time = std::chrono::hours(24);
    table.inactivity_time = std::chrono::hours(24 * 36);
    return table;
}

/// "pt5m pt24h p36d"; false: not that.
bool read_times(std::string_view text, meter::TableSettings& table) {
    std::chrono::seconds* const times[] = {
        &table.block_time, &table.resubmit_time, &table.inactivity_time};
    const auto words = split_words(text);
    if (words.size() > std::size(times)) return false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto period = channel::parse_period(words[i]);
        if (!period) return false;
        *times[i] = *period;
    }
    return table.block_time < table.resubmit_time;
}

/// The network that a client's address is of: those who send much come from several addresses.
std::optional<std::string> network_of(std::string_view text) {
    const auto address = IpAddress::parse(trim(text));
    if (!address) return std::nullopt;
    auto octets = address->octets();
    std::fill(octets.begin() + (address->is_v4() ? 3 : 8), octets.end(), std::uint8_t{0});
    const IpAddress network = address->is_v4()
                                  ? IpAddress::v4({octets[0], octets[1], octets[2], octets[3]})
                                  : IpAddress::v6(octets);
    return network.to_string();
}

class Greylist final : public Routine {
public:
    Greylist(meter::TableSettings table, bool by_network, std::function<meter::Backend&()> backend)
        : table_(std::move(table)), by_network_(by_network), backend_(std::move(backend)) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const auto comma = by_network_ ? argument.find(',') : argument.rfind(',');
        const std::string_view who = argument.substr(0, comma);
        meter::TableSettings table = table_;
        if (comma != std::string_view::npos && !read_times(argument.substr(comma + 1), table))
            return Answer::none();
        const auto name = by_network_ ? network_of(who) : std::optional(std::string(who));
        const auto key = name ? meter::key_of(table, *name) : std::nullopt;
        if (!key) return Answer::none();
        meter::Greeted result;
        const auto done = backend_().update(
            table, *key,
            [&](const std::optional<meter::Record>& before,
                WallTime now) -> std::optional<meter::Record> {
                result = meter::greet(table, before, now);
                return result.record;
            }
        );
        if (!done) return Answer::none();
        Answer answer = result.greeting == meter::Greeting::known
                            ? Answer::none()
                            : reply(temporary_code, "Greylisted, please come again later");
        answer.remark = meter::remark_of(result.greeting);
        return answer;
    }

private:
    const meter::TableSettings table_;
    const bool by_network_;
    std::function<meter::Backend&()> backend_;
};

constexpr std::string_view client_table = "greylist_client";
constexpr std::string_view key_table = "greylist";

}  // namespace

std::vector<meter::TableSettings> greylist_tables() {
    return {greylist_table(client_table), greylist_table(key_table)};
}

void add_client_checks(
    Registry& registry,
    std::function<net::Resolver&()> resolver,
    std::function<meter::Backend&()> backend
) {
    constexpr std::string_view image = "abuse";
    registry.add(image, "dnsbl", std::make_unique<DnsLists>(resolver));
    registry.add(image, "require_ptr", std::make_unique<ReverseName>(false, resolver));
    registry.add(image, "require_fcrdns", std::make_unique<ReverseName>(true, resolver));
    const auto add_greylist = [&](std::string_view name, bool by_network) {
        registry.add(
            image, name, std::make_unique<Greylist>(greylist_table(name), by_network, backend)
        );
    };
    add_greylist(client_table, true);
    add_greylist(key_table, false);
}

}  // namespace sluice::callout
