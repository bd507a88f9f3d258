#include "metrics/dispatcher_view.h"

#include "access/other_tables.h"
#include "lookup/sources.h"
#include "metrics/dispatcher_page.h"
#include "net/service_statistics.h"
#include "policy/recipient.h"

namespace sluice::metrics {

namespace {

constexpr std::chrono::seconds patience{5};

HttpReply plain(unsigned status, std::string words) {
    HttpReply reply;
    reply.status = status;
    reply.body = std::move(words) + '\n';
    return reply;
}

}  // namespace

DispatcherView::DispatcherView(config::ConfigurationPtr configuration)
    : configuration_(std::move(configuration)),
      outside_(std::make_unique<lookup::Sources>(configuration_)) {}

DispatcherView::~DispatcherView() = default;

bool DispatcherView::is_permitted(const HttpRequest& request) const {
    const access::Options options = policy::access_options(*configuration_);
    lookup::BlockingAnswers answers(*outside_);
    const access::Context context{configuration_->mappings, options, answers, nullptr};
    return access::check_http(
        context,
        {request.client, request.server, std::string(request.method), std::string(request.path)}
    );
}

// Who may not see the pages does not learn which there are.
HttpReply DispatcherView::answer(const HttpRequest& request) const {
    if (!is_permitted(request)) return plain(403, "HTTP_ACCESS does not permit this");
    if (request.path != "/dispatcher/") return plain(404, "there is /dispatcher/");
    const std::string socket =
        configuration_->tailor.path(config::TailorEntry::run) + "dispatcher.sock";
    const auto told = net::ask_dispatcher(socket, "STATISTICS", patience);
    if (!told) return plain(503, "the dispatcher does not answer");
    const auto statistics = net::decode_statistics(*told);
    if (!statistics) return plain(503, "the dispatcher's answer is torn");
    HttpReply reply;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = dispatcher_page(
        *statistics, std::string(configuration_->local_host()), system_clock().wall_now(),
        TimeZone::system()
    );
    return reply;
}

}  // namespace sluice::metrics
