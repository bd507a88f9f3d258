// What the watcher is to do, as the configuration has it.
#include <cstdlib>
#include <utility>

#include "utility/watcher.h"

namespace sluice::utility {

namespace {

bool needs_privileged_port(const config::Configuration& configuration) {
    constexpr int first_free_port = 1024;
    for (const config::DispatcherService& service : configuration.dispatcher.services) {
        for (const config::ListenAddress& listen : service.listen) {
            if (listen.path.empty() && listen.port < first_free_port) return true;
        }
    }
    return false;
}

}  // namespace

WatcherSettings watcher_settings(
    const config::Configuration& configuration, const std::string& tailor_path
) {
    using config::TailorEntry;
    const config::Tailor& tailor = configuration.tailor;
    WatcherSettings settings;
    const std::string& bin = tailor.path(TailorEntry::bin);
    const bool privileged = needs_privileged_port(configuration);
    settings.daemons.push_back({"dispatcher", bin + "dispatcher", privileged, true});
    settings.daemons.push_back({"job_controller", bin + "job_controller", false});
    if (configuration.options.integer(config::OptionId::metrics_port) != 0)
        settings.daemons.push_back({"metrics_server", bin + "metrics_server", false});
    settings.environment.push_back("IMTA_TAILOR=" + tailor_path);
    for (const char* name :
         {"PATH", "TZ", "LANG", "HOME", "SLUICE_KILL_POINT", "SLUICE_CONTAINMENT_PROBE",
          "IMTA_DISPATCHER_DEBUG"}) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread, nothing changes the environment
        if (const char* value = std::getenv(name))
            settings.environment.push_back(std::string(name) + '=' + value);
    }
    settings.user = tailor.text(TailorEntry::user);
    settings.tailor_file = tailor_path;
    settings.run_directory = tailor.path(TailorEntry::run);
    settings.log_file = tailor.path(TailorEntry::log) + "watcher.log";
    return settings;
}

WatchedDaemon rollover_errand(const config::Configuration& configuration) {
    WatchedDaemon errand;
    errand.name = "return";
    errand.program = configuration.tailor.path(config::TailorEntry::bin) + errand.name;
    errand.arguments = {"interrupted"};
    errand.is_errand = true;
    return errand;
}

}  // namespace sluice::utility
