#include "dispatcher/service_settings.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"

namespace sluice::dispatcher {

namespace {

std::size_t count_of(std::int64_t value) {
    return static_cast<std::size_t>(std::max<std::int64_t>(value, 0));
}

WorkerLimits limits_of(const config::DispatcherService& service) {
    WorkerLimits limits;
    limits.min_procs = count_of(service.min_procs);
    limits.max_procs = std::max<std::size_t>(count_of(service.max_procs), 1);
    limits.min_conns = count_of(service.min_conns);
    limits.max_conns = std::max<std::size_t>(count_of(service.max_conns), 1);
    limits.max_handoffs = std::max<std::size_t>(count_of(service.max_handoffs), 1);
    limits.max_life_conns = count_of(service.max_life_conns);
    limits.max_shutdown = std::max<std::size_t>(count_of(service.max_shutdown), 1);
    limits.max_life_time = service.max_life_time;
    limits.max_idle_time = service.max_idle_time;
    return limits;
}

void add_endpoints(
    const config::ListenAddress& listen, bool has_ipv6, std::vector<Endpoint>& endpoints
) {
    if (listen.address) {
        endpoints.push_back({*listen.address, listen.port});
        return;
    }
    endpoints.push_back({IpAddress::v4({}), listen.port});
    if (has_ipv6) endpoints.push_back({IpAddress::v6({}), listen.port});
}

}  // namespace

Result<ServiceSettings> service_settings(
    const config::DispatcherService& service,
    const config::Tailor& tailor,
    const Surroundings& surroundings
) {
    using config::TailorEntry;
    ServiceSettings settings;
    settings.name = service.name;
    for (const config::ListenAddress& listen : service.listen) {
        if (!listen.path.empty()) {
            auto path = tailor.resolve_path(listen.path, TailorEntry::run);
            if (!path) return std::move(path).error();
            settings.listen_paths.push_back(std::move(*path));
            continue;
        }
        auto& endpoints = listen.tls ? settings.listen_tls : settings.listen;
        add_endpoints(listen, surroundings.has_ipv6, endpoints);
    }
    auto program = tailor.resolve_path(service.image, TailorEntry::bin);
    if (!program) return std::move(program).error();
    settings.program = std::move(*program);
    settings.arguments = config::parameter_words(service.parameter);
    if (!service.logfile.empty()) {
        auto log_file = tailor.resolve_path(service.logfile, TailorEntry::log);
        if (!log_file) return std::move(log_file).error();
        settings.log_file = std::move(*log_file);
        settings.log_versions = config::log_versions_kept(tailor);
    }
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    settings.backlog =
        static_cast<int>(std::clamp<std::int64_t>(service.listen_backlog(), 1, most));
    settings.limits = limits_of(service);
    settings.dns_lists = service.dns_verify_domains;
    settings.max_conns_per_source = count_of(service.max_conns_per_source);
    settings.historical_time = std::chrono::seconds(service.historical_time);
    settings.stress_percent = static_cast<unsigned>(service.stress_percent);
    settings.stress_source_percent = static_cast<unsigned>(service.stress_source_percent);
    return settings;
}

}  // namespace sluice::dispatcher
