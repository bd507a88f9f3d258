// tcp_smtp_server: a worker of the dispatcher that talks SMTP and puts messages into the queue.
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/bytes.h"
#include "base/core_dumps.h"
#include "base/log.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "enqueue/contain.h"
#include "net/traced_resolver.h"
#include "worker.h"

namespace {

using namespace sluice;

constexpr int usage_error = 2;
constexpr int configuration_error = 7;
constexpr int try_again = 75;
constexpr int dispatcher_channel = 3;
constexpr std::uint64_t most_threads = 64;
/// Without THREADS; more are seldom worth their memory in each of several processes.
constexpr unsigned least_usual_threads = 2;
constexpr unsigned most_usual_threads = 8;

struct Arguments {
    std::string channel = "tcp_local";
    unsigned threads =
        std::clamp(std::thread::hardware_concurrency(), least_usual_threads, most_usual_threads);
};

std::optional<Arguments> parse_arguments(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::size_t equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
        const auto number = parse_unsigned(value);
        if (equals_ignoring_case(name, "CHANNEL") && !value.empty()) {
            arguments.channel = value;
        } else if (equals_ignoring_case(name, "THREADS") && number && *number > 0 && *number <= most_threads) {
            arguments.threads = static_cast<unsigned>(*number);
        } else {
            std::fprintf(stderr, "%%IMTA-F-ARGUMENT, not understood: %s\n", argv[i]);
            return std::nullopt;
        }
    }
    return arguments;
}

bool has_dispatcher() {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(dispatcher_channel, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

// TERM and INT are read from a descriptor by the main thread; no other thread may take them.
void prepare_process() {
    keep_memory_private();
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

/// With TRACE_LEVEL=2 of the channel's option file what it is asked is in the component log.
std::unique_ptr<net::Resolver> resolver_for(
    const channel::Channel& channel, std::int64_t trace_level
) {
    net::ResolverSettings settings;
    for (const std::string& server : channel.arguments(channel::Keyword::nameservers))
        settings.servers.push_back(server);
    settings.time_limit = std::chrono::seconds(10);
    auto resolver = net::make_resolver(settings);
    if (trace_level < 2) return resolver;
    return net::traced(std::move(resolver), [](const std::string& line) { diag::info(line); });
}

Result<smtp_server::ServerContextPtr> make_context(
    enqueue::Runtime& runtime, config::ConfigurationPtr configuration, const std::string& name
) {
    const channel::Channel* channel = configuration->imta.channels.find(name);
    if (channel == nullptr || !(channel::is_smtp(*channel) || channel::is_lmtp(*channel))) {
        return Error::permanent(
            {5, 3, 5}, "configuration error", "there is no SMTP or LMTP channel " + name
        );
    }
    auto resolver = resolver_for(*channel, configuration->options_of(channel->name()).trace_level);
    return std::make_shared<smtp_server::ServerContext>(
        runtime, std::move(configuration), *channel, std::move(resolver)
    );
}

/// What new sessions are to begin with, once another configuration was published.
Result<smtp_server::ServerContextPtr> reload(
    enqueue::Runtime& runtime, const std::string& tailor_path, const std::string& channel
) {
    auto configuration = config::load_published(tailor_path);
    if (!configuration) return std::move(configuration).error();
    // Before anything can be refused: sessions that go on with this process log by it as well.
    runtime.take_sinks(*configuration);
    if (const auto why = enqueue::needs_fresh_process(runtime.configuration(), **configuration)) {
        return Error::temporary({4, 3, 0}, "local system error", *why + ": a new process takes it");
    }
    if (const auto why = enqueue::outgrows_rights(**configuration))
        return Error::temporary({4, 3, 0}, "local system error", *why + ": a new process takes it");
    return make_context(runtime, std::move(*configuration), channel);
}

int serve(
    const Arguments& arguments,
    config::ConfigurationPtr configuration,
    const std::string& tailor_path,
    bool debug
) {
    auto runtime = enqueue::Runtime::open(configuration, enqueue::Runtime::usual_farewell, debug);
    if (!runtime) {
        diag::warning("cannot start: " + runtime.error().detail());
        return try_again;
    }
    auto context = make_context(**runtime, std::move(configuration), arguments.channel);
    if (!context) {
        diag::warning(context.error().detail());
        return configuration_error;
    }
    smtp_server::WorkerSettings settings;
    settings.threads = arguments.threads;
    settings.reload = [&] { return reload(**runtime, tailor_path, arguments.channel); };
    diag::info("started for channel " + (*context)->default_channel.name());
    return smtp_server::run_worker(std::move(*context), UniqueFd(dispatcher_channel), settings);
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse_arguments(argc, argv);
    if (!arguments) return usage_error;
    if (!has_dispatcher()) {
        std::fprintf(stderr, "%%IMTA-F-NODISPATCHER, this program is started by the dispatcher\n");
        return usage_error;
    }
    prepare_process();
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
    const bool debug = [&] {
        const auto* channel = (*configuration)->imta.channels.find(arguments->channel);
        return channel != nullptr && channel->has(channel::Keyword::slave_debug);
    }();
    // The dispatcher made the log, which is standard error.
    diag::set_level(debug ? diag::Level::debug : diag::Level::info);
    if (auto held = enqueue::contain(**configuration, "tcp_smtp_server"); !held) {
        diag::warning(held.error().detail());
        return try_again;
    }
    return serve(*arguments, *configuration, *path, debug);
}
