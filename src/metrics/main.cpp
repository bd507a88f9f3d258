// metrics_server: the metrics of an instance over HTTP on 127.0.0.1, port METRICS_PORT.
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "base/file.h"
#include "base/log.h"
#include "base/privilege.h"
#include "counters/recorder.h"
#include "enqueue/contain.h"
#include "metrics/collector.h"
#include "metrics/dispatcher_view.h"
#include "metrics/http_server.h"

namespace {

constexpr int configuration_error = 7;
constexpr int try_again = 75;

int complain(const char* ident, const sluice::Error& error) {
    std::fprintf(stderr, "%%IMTA-F-%s, %s\n", ident, error.detail().c_str());
    return configuration_error;
}

sluice::metrics::HttpReply answer(
    sluice::metrics::Collector& collector,
    const sluice::metrics::DispatcherView& dispatcher,
    const sluice::metrics::HttpRequest& request
) {
    using sluice::metrics::HttpReply;
    const std::string_view path = request.path;
    if (path.starts_with("/dispatcher/")) return dispatcher.answer(request);
    if (path == "/metrics") {
        return HttpReply{
            200, sluice::counters::prometheus_content_type,
            sluice::counters::prometheus_text(collector.collect())};
    }
    HttpReply reply;
    if (path == "/healthz") {
        reply.body = "ok\n";
    } else if (path == "/readyz") {
        const bool ready = collector.is_ready();
        reply.status = ready ? 200 : 503;
        reply.body = ready ? "ready\n" : "not ready: the MTA does not run\n";
    } else {
        reply.status = 404;
        reply.body = "there are /metrics, /healthz, /readyz and /dispatcher/\n";
    }
    return reply;
}

}  // namespace

int main() {
    using namespace sluice;
    const auto path = config::tailor_path_from_environment();
    if (!path) return complain("NOTAILOR", path.error());
    const auto configuration = config::load_published(*path);
    if (!configuration) return complain("CONFIG", configuration.error());
    const config::Tailor& tailor = (*configuration)->tailor;
    if (auto dropped = give_up_root(tailor.text(config::TailorEntry::user), *path); !dropped)
        return complain("ROOT", dropped.error());
    const auto port = (*configuration)->options.integer(config::OptionId::metrics_port);
    if (port == 0) {
        std::fprintf(stderr, "%%IMTA-F-NOPORT, option METRICS_PORT is not set\n");
        return configuration_error;
    }
    diag::open_log(tailor.path(config::TailorEntry::log) + "metrics_server.log");
    ::signal(SIGPIPE, SIG_IGN);
    counters::Recorder::count_limits(
        counters::segment_path(tailor.path(config::TailorEntry::run)),
        static_cast<std::size_t>(
            (*configuration)->options.integer(config::OptionId::channel_table_size)
        )
    );
    metrics::Collector collector(*configuration);
    const metrics::DispatcherView dispatcher(*configuration);
    auto server = metrics::HttpServer::listen(
        static_cast<std::uint16_t>(port),
        [&](const metrics::HttpRequest& request) { return answer(collector, dispatcher, request); }
    );
    if (!server) {
        diag::warning(server.error().detail());
        return try_again;
    }
    const std::string pid_file = tailor.path(config::TailorEntry::run) + "metrics_server.pid";
    if (auto written = replace_file(pid_file, std::to_string(::getpid()) + '\n'); !written)
        diag::warning(written.error().detail());
    if (auto held = enqueue::contain(**configuration, "metrics_server"); !held) {
        diag::warning(held.error().detail());
        return try_again;
    }
    diag::info("serving on 127.0.0.1, port " + std::to_string(server->port()));
    server->run();
    ::unlink(pid_file.c_str());
    diag::info("ended");
    return 0;
}
