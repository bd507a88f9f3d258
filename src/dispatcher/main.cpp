// dispatcher: owns the listening sockets and hands connections to worker processes.
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/service_manager.h"
#include "base/shared_switch.h"
#include "dispatcher/gate.h"
#include "dispatcher/service_settings.h"
#include "jobs/inflow_state.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

using config::TailorEntry;

constexpr int configuration_error = 7;

/// The environment of workers: these variables, as far as they are set.
std::vector<std::string> worker_environment(const std::string& tailor_path) {
    std::vector<std::string> environment{"IMTA_TAILOR=" + tailor_path};
    for (const char* name :
         {"PATH", "TZ", "LANG", "SLUICE_KILL_POINT", "SLUICE_CONTAINMENT_PROBE", "ASAN_OPTIONS",
          "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
        if (value != nullptr) environment.push_back(std::string(name) + '=' + value);
    }
    return environment;
}

std::int64_t debug_mask(const config::Configuration& configuration) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread yet
    if (const char* text = std::getenv("IMTA_DISPATCHER_DEBUG")) {
        if (const auto mask = config::parse_debug_mask(text)) return *mask;
        diag::warning("IMTA_DISPATCHER_DEBUG is no hexadecimal number, ignored");
    }
    return configuration.dispatcher.debug;
}

/// The directory of the log is the account's, so root must not be the one who opens it.
Result<void> open_log_as(
    const Account& account, const std::string& path, std::size_t versions, diag::Level least
) {
    const auto acting = ActingAs::begin(account);
    if (!acting) return acting.error();
    diag::open_log_version(path, versions, least);
    return {};
}

bool has_ipv6() {
    return net::listen_on({IpAddress::v6({}), 0}, 1).has_value();
}

void allow_many_files() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

std::vector<ServiceSettings> services_of(
    const config::Configuration& configuration,
    const std::string& account,
    const Surroundings& surroundings
) {
    std::vector<ServiceSettings> services;
    for (const config::DispatcherService& service : configuration.dispatcher.services) {
        // One dispatcher has one account once it has given up root, and so have its workers.
        if (!service.user.empty() && service.user != account)
            diag::warning("service " + service.name + " runs as " + account + ", USER is ignored");
        auto made = service_settings(service, configuration.tailor, surroundings);
        if (made) {
            services.push_back(std::move(*made));
        } else {
            diag::warning("service " + service.name + " not started: " + made.error().detail());
        }
    }
    return services;
}

/// For `imsimta reload`, which waits for this file to change: who wrote it and for which time, what
/// came of it, then remarks (docs/formats/reload-report.md).
void write_report(
    const config::Tailor& tailor,
    unsigned number,
    std::uint64_t generation,
    const ReloadReport& report
) {
    std::string text = std::to_string(::getpid()) + ' ' + std::to_string(number) + '\n';
    text += (report.taken ? "taken " : "kept ") + std::to_string(generation) + '\n';
    for (const std::string& note : report.notes) text += printable(note) + '\n';
    const auto written = replace_file(tailor.path(TailorEntry::run) + "dispatcher.reload", text);
    if (!written) diag::warning(written.error().detail());
}

int serve(
    const std::string& tailor_path,
    const config::ConfigurationPtr& configuration,
    int passed_descriptors
) {
    const config::Tailor& tailor = configuration->tailor;
    const std::int64_t debug = debug_mask(*configuration);
    const auto account = mta_account(tailor.text(TailorEntry::user), tailor_path);
    if (!account) {
        std::fprintf(stderr, "%%IMTA-F-ACCOUNT, %s\n", account.error().detail().c_str());
        return configuration_error;
    }
    const std::string log_path = tailor.path(TailorEntry::log) + "dispatcher.log";
    const auto least = debug != 0 ? diag::Level::debug : diag::Level::info;
    if (auto opened = open_log_as(*account, log_path, config::log_versions_kept(tailor), least);
        !opened)
        diag::warning("log not opened: " + opened.error().detail());

    Gate gate(configuration, debug);
    Surroundings surroundings;
    surroundings.has_ipv6 = has_ipv6();

    DispatcherSettings settings;
    settings.user = tailor.text(TailorEntry::user);
    settings.tailor_file = tailor_path;
    settings.debug = debug;
    settings.passed_descriptors = passed_descriptors;
    settings.control_socket = tailor.path(TailorEntry::run) + "dispatcher.sock";
    settings.environment = worker_environment(tailor_path);
    settings.services = services_of(*configuration, account->name, surroundings);
    const std::string pid_file = tailor.path(TailorEntry::run) + "dispatcher.pid";
    settings.check_port = [&gate](
                              const ServiceSettings& service, const Endpoint& local,
                              const Endpoint& remote, Gate::Then then
                          ) { gate.check(service, local, remote, std::move(then)); };
    settings.attend = [&gate] { gate.attend(); };
    settings.attend_fd = gate.attend_fd();
    settings.on_arrived = [&gate](
                              const ServiceSettings& service, std::uint64_t id,
                              const Endpoint& local, const Endpoint& remote
                          ) { gate.events().arrived(service.name, id, local, remote); };
    settings.on_refused = [&gate](
                              const ServiceSettings& service, std::uint64_t id,
                              const Endpoint& local, const Endpoint& remote,
                              const access::Verdict& verdict
                          ) { gate.on_refused(service, id, local, remote, verdict); };
    settings.on_connections =
        [&gate](const ServiceSettings& service, std::uint64_t count, std::uint64_t limit) {
            const auto& listen = service.listen.empty() ? service.listen_tls : service.listen;
            if (!listen.empty()) gate.events().connections(service.name, listen[0], count, limit);
        };
    settings.inflow_state = jobs::inflow_state_path(tailor.path(TailorEntry::run));
    settings.on_stress = [path = tailor.path(TailorEntry::run) + "stress_state"](bool stressed) {
        const auto written = set_shared_switch(path, stressed);
        if (!written) diag::warning(written.error().detail());
    };
    settings.reload = [&]() -> Result<std::vector<ServiceSettings>> {
        const auto keep = [](Error error) {
            diag::warning("keeping the old configuration: " + error.detail());
            return error;
        };
        auto fresh = config::load_published(tailor_path);
        if (!fresh) return keep(std::move(fresh).error());
        auto services = services_of(**fresh, account->name, surroundings);
        if (services.size() < (*fresh)->dispatcher.services.size()) {
            return keep(Error::permanent(
                {5, 3, 5}, "configuration error", "a service cannot be served; see dispatcher.log"
            ));
        }
        gate.take(std::move(*fresh));
        return services;
    };
    settings.reloaded = [&, number = 0U](const ReloadReport& report) mutable {
        write_report(tailor, ++number, gate.generation(), report);
    };
    settings.serving = [&pid_file, on_stress = settings.on_stress] {
        const auto written = replace_file(pid_file, std::to_string(::getpid()) + '\n');
        if (!written) diag::warning(written.error().detail());
        on_stress(false);  // whatever one left behind that was killed
    };
    const int status = run_dispatcher(std::move(settings));
    // The next dispatcher may be serving already while our last worker ended.
    const auto written = read_file(pid_file, 64);
    if (written && *written == std::to_string(::getpid()) + '\n') ::unlink(pid_file.c_str());
    return status;
}

}  // namespace

}  // namespace sluice::dispatcher

int main() {
    using namespace sluice;
    // Before anything is opened that could be taken for one of them.
    const int passed = passed_descriptors();
    set_close_on_exec(passed, true);
    const auto path = config::tailor_path_from_environment();
    if (!path) {
        std::fprintf(stderr, "%%IMTA-F-NOTAILOR, %s\n", path.error().detail().c_str());
        return dispatcher::configuration_error;
    }
    const auto configuration = config::load_published(*path);
    if (!configuration) {
        std::fprintf(stderr, "%%IMTA-F-CONFIG, %s\n", configuration.error().detail().c_str());
        return dispatcher::configuration_error;
    }
    dispatcher::allow_many_files();
    return dispatcher::serve(std::filesystem::absolute(*path).string(), *configuration, passed);
}
