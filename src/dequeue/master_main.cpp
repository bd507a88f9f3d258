#include <errno.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/log.h"
#include "channel/keyword.h"
#include "dequeue/master.h"
#include "enqueue/contain.h"

namespace sluice::dequeue {

namespace {

constexpr int configuration_error = 7;
constexpr int try_again = 75;

// The job controller tells its workers to end over their connection; a TERM from anybody else ends
// the process the hard way, which is safe: what was in progress is tried again.
void prepare_signals() {
    ::signal(SIGPIPE, SIG_IGN);
}

MasterMode mode_from_environment() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread yet
    const char* value = std::getenv(mode_variable);
    if (value == nullptr) return MasterMode::served;
    return std::string_view(value) == "standalone" ? MasterMode::standalone
                                                   : MasterMode::until_idle;
}

}  // namespace

int master_main(
    int argc,
    char** argv,
    const std::function<unsigned(const config::Configuration&, const channel::Channel&)>&
        thread_limit,
    const DelivererFactory& factory
) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s channel\n", argv[0]);
        return 2;
    }
    prepare_signals();
    const std::string channel_name = argv[1];
    const auto path = config::tailor_path_from_environment();
    if (!path) {
        std::fprintf(stderr, "%%IMTA-F-NOTAILOR, %s\n", path.error().detail().c_str());
        return configuration_error;
    }
    const auto configuration = config::load_published(*path);
    if (!configuration) {
        std::fprintf(stderr, "%%IMTA-F-CONFIG, %s\n", configuration.error().detail().c_str());
        return configuration_error;
    }
    const channel::Channel* channel = (*configuration)->imta.channels.find(channel_name);
    if (channel == nullptr) {
        std::fprintf(stderr, "%%IMTA-F-NOCHANNEL, there is no channel %s\n", channel_name.c_str());
        return configuration_error;
    }
    const bool debug = channel->has(channel::Keyword::master_debug);
    // The job controller made the log, which is standard error; by hand it is the terminal.
    const MasterMode mode = mode_from_environment();
    diag::set_level(debug || mode != MasterMode::served ? diag::Level::debug : diag::Level::info);
    if (auto held = enqueue::contain(**configuration, program_invocation_short_name); !held) {
        diag::warning(held.error().detail());
        return try_again;
    }
    auto runtime = enqueue::Runtime::open(
        *configuration, enqueue::Runtime::usual_farewell,
        debug || channel->has(channel::Keyword::slave_debug)
    );
    if (!runtime) {
        diag::warning("cannot start: " + runtime.error().detail());
        return try_again;
    }
    diag::info("started");
    MasterSettings settings;
    settings.channel = channel->name();
    settings.mode = mode;
    settings.thread_limit = std::max(1U, thread_limit(**configuration, *channel));
    const int status = run_master(**runtime, settings, factory);
    diag::info("ended");
    return status;
}

}  // namespace sluice::dequeue
