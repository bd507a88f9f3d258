#include "channel/channel_settings.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <span>

#include "base/bytes.h"

namespace sluice::channel {

using K = Keyword;

namespace {

constexpr std::size_t default_addresses_per_file = 99;
// One subdirectory, 000, unless the configuration asks for more (spec: queue layout).
constexpr unsigned default_subdirectories = 1;
constexpr std::size_t default_max_jobs = 100;
constexpr std::uint16_t default_port = 25;

constexpr std::array<std::uint32_t, 4> default_notices{3, 6, 9, 12};
// Minutes, by priority; the last repeats.
constexpr std::array<int, 7> urgent_backoff{30, 60, 60, 120, 120, 120, 240};
constexpr std::array<int, 7> normal_backoff{60, 120, 120, 240, 240, 240, 480};
constexpr std::array<int, 7> nonurgent_backoff{120, 240, 240, 480, 480, 480, 960};
constexpr std::array<std::chrono::minutes, 4> default_host_backoff{
    std::chrono::minutes(5), std::chrono::minutes(15), std::chrono::minutes(30),
    std::chrono::minutes(60)};
constexpr std::int64_t default_host_ramp = 10;
constexpr std::int64_t longest_host_ramp = 86400;

bool gives_any(const Channel& channel, std::initializer_list<Keyword> keywords) {
    return std::any_of(keywords.begin(), keywords.end(), [&](Keyword keyword) {
        return channel.is_given(keyword);
    });
}

bool is_tcp(const Channel& channel) {
    return starts_with_ignoring_case(channel.name(), "tcp_");
}

Keyword notices_keyword(Priority priority) {
    if (priority == Priority::urgent) return K::urgentnotices;
    return priority == Priority::normal ? K::normalnotices : K::nonurgentnotices;
}

Keyword backoff_keyword(Priority priority) {
    if (priority == Priority::urgent) return K::urgentbackoff;
    return priority == Priority::normal ? K::normalbackoff : K::nonurgentbackoff;
}

Keyword queue_keyword(Priority priority) {
    if (priority == Priority::urgent) return K::urgentqueue;
    return priority == Priority::normal ? K::normalqueue : K::nonurgentqueue;
}

std::span<const int> default_backoff(Priority priority) {
    if (priority == Priority::urgent) return urgent_backoff;
    return priority == Priority::normal ? std::span<const int>(normal_backoff)
                                        : std::span<const int>(nonurgent_backoff);
}

std::vector<std::uint32_t> own_notices(const Channel& channel, Priority priority) {
    auto ages = channel.integers(notices_keyword(priority));
    if (ages.empty()) ages = channel.integers(K::notices);
    std::vector<std::uint32_t> out;
    out.reserve(ages.size());
    for (const std::int64_t age : ages) {
        out.push_back(static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(age, 1, std::numeric_limits<std::uint32_t>::max())
        ));
    }
    return out;
}

Demand demand(const Channel& channel, Keyword may, Keyword must) {
    if (channel.has(must)) return Demand::must;
    return channel.has(may) ? Demand::may : Demand::none;
}

}  // namespace

bool is_lmtp(const Channel& channel) {
    return gives_any(channel, {K::lmtp_crlf, K::lmtp_cr, K::lmtp_lf, K::lmtp_crorlf});
}

bool is_smtp(const Channel& channel) {
    if (gives_any(channel, {K::smtp_crlf, K::smtp_cr, K::smtp_lf, K::smtp_crorlf})) return true;
    return is_tcp(channel) && !is_lmtp(channel) && !channel.is_given(K::nosmtp);
}

LineEnd line_end(const Channel& channel) {
    if (gives_any(channel, {K::smtp_crlf, K::lmtp_crlf})) return LineEnd::crlf;
    if (gives_any(channel, {K::smtp_cr, K::lmtp_cr})) return LineEnd::cr;
    if (gives_any(channel, {K::smtp_lf, K::lmtp_lf})) return LineEnd::lf;
    return LineEnd::crorlf;
}

bool has_logging(const Channel& channel) {
    return channel.has(K::logging);
}

bool has_master(const Channel& channel) {
    return !channel.has(K::slave);
}

SplitRule split_rule(const Channel& channel) {
    if (channel.is_given(K::single)) return SplitRule::single;
    if (channel.is_given(K::single_sys)) return SplitRule::single_sys;
    if (channel.is_given(K::multiple) || channel.is_given(K::daemon)) return SplitRule::multiple;
    return is_smtp(channel) || is_lmtp(channel) ? SplitRule::single_sys : SplitRule::multiple;
}

std::optional<std::size_t> addresses_per_file(const Channel& channel) {
    if (const auto given = channel.limit(K::addrsperfile)) {
        return static_cast<std::size_t>(std::max<std::int64_t>(*given, 1));
    }
    if (is_smtp(channel)) return default_addresses_per_file;
    return std::nullopt;
}

unsigned subdirectory_count(const Channel& channel) {
    if (channel.has(K::nosubdirs)) return 1;
    return static_cast<unsigned>(
        std::clamp<std::int64_t>(channel.integer(K::subdirs, default_subdirectories), 1, 999)
    );
}

std::optional<std::string_view> pool(const Channel& channel, Priority priority) {
    if (const auto own = channel.argument(queue_keyword(priority))) return own;
    return channel.argument(K::pool);
}

std::size_t max_jobs(const Channel& channel) {
    return static_cast<std::size_t>(
        std::max<std::int64_t>(channel.integer(K::maxjobs, default_max_jobs), 1)
    );
}

std::vector<std::chrono::seconds> backoff_schedule(const Channel& channel, Priority priority) {
    auto schedule = channel.durations(backoff_keyword(priority));
    if (schedule.empty()) schedule = channel.durations(K::backoff);
    if (schedule.empty()) {
        for (const int minutes : default_backoff(priority)) {
            schedule.emplace_back(std::chrono::minutes(minutes));
        }
    }
    return schedule;
}

std::chrono::seconds backoff_after(
    const Channel& channel, Priority priority, std::size_t failures
) {
    const auto schedule = backoff_schedule(channel, priority);
    const std::size_t step = failures == 0 ? 0 : failures - 1;
    return schedule[std::min(step, schedule.size() - 1)];
}

bool probes_hosts(const Channel& channel) {
    if (channel.is_given(K::hostprobe)) return true;
    if (channel.is_given(K::nohostprobe)) return false;
    return is_tcp(channel) || is_smtp(channel) || is_lmtp(channel);
}

std::vector<std::chrono::seconds> host_backoff_schedule(const Channel& channel) {
    auto schedule = channel.durations(K::hostbackoff);
    if (!schedule.empty()) return schedule;
    if (gives_any(channel, {K::backoff, K::urgentbackoff, K::normalbackoff, K::nonurgentbackoff}))
        return {};
    return {default_host_backoff.begin(), default_host_backoff.end()};
}

std::chrono::seconds host_ramp(const Channel& channel) {
    return std::chrono::seconds(std::clamp<std::int64_t>(
        channel.integer(K::hostramp, default_host_ramp), 0, longest_host_ramp
    ));
}

std::vector<std::uint32_t> notice_ages(
    const Channel& channel, Priority priority, const ChannelTable& channels
) {
    auto ages = own_notices(channel, priority);
    if (const Channel* local = channels.local(); ages.empty() && local != nullptr) {
        ages = own_notices(*local, priority);
    }
    if (ages.empty()) ages.assign(default_notices.begin(), default_notices.end());
    return ages;
}

MxUse mx_use(const Channel& channel) {
    if (channel.has(K::nomx)) return MxUse::none;
    if (channel.has(K::nodns)) return MxUse::host_table;
    return channel.has(K::nonrandommx) ? MxUse::in_order : MxUse::random;
}

std::optional<std::string_view> daemon_host(const Channel& channel) {
    const auto host = channel.argument(K::daemon);
    if (!host) return std::nullopt;
    // A literal or a dotted name is a host; "router" and the like mean the official host name.
    const bool qualified = host->find_first_of(".[:") != std::string_view::npos;
    return qualified ? *host : std::string_view(channel.official_host());
}

std::uint16_t port(const Channel& channel) {
    return static_cast<std::uint16_t>(
        std::clamp<std::int64_t>(channel.integer(K::port, default_port), 1, 65535)
    );
}

Demand tls_server(const Channel& channel) {
    return demand(channel, K::maytlsserver, K::musttlsserver);
}
Demand tls_client(const Channel& channel) {
    return demand(channel, K::maytlsclient, K::musttlsclient);
}
Demand sasl_server(const Channel& channel) {
    return demand(channel, K::maysaslserver, K::mustsaslserver);
}
Demand sasl_client(const Channel& channel) {
    return demand(channel, K::maysaslclient, K::mustsaslclient);
}

bool adds_return_path(const Channel& channel) {
    if (channel.is_given(K::addreturnpath)) return true;
    if (channel.is_given(K::noaddreturnpath)) return false;
    return is_lmtp(channel) || channel.name() == "l" ||
           starts_with_ignoring_case(channel.name(), "ims-ms");
}

}  // namespace sluice::channel
