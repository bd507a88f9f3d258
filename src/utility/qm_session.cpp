#include "utility/qm_session.h"

#include <algorithm>

#include "queue/scan.h"
#include "utility/operator_log.h"

namespace sluice::utility {

namespace {

constexpr std::size_t header_ceiling = 64UL << 10U;
constexpr std::chrono::seconds controller_patience{10};

}  // namespace

Result<enqueue::Runtime*> QmSession::runtime() {
    if (runtime_) return runtime_.get();
    const auto configuration = config::load_published(instance_.tailor.file());
    if (!configuration) return configuration.error();
    auto opened = enqueue::Runtime::open(*configuration);
    if (!opened) return std::move(opened).error();
    runtime_ = std::move(*opened);
    return runtime_.get();
}

Result<jobs::ControlClient*> QmSession::controller() {
    if (controller_) return &*controller_;
    if (controller_failure_) return *controller_failure_;
    const auto opened = runtime();
    if (!opened) return opened.error();
    auto connected = jobs::ControlClient::connect(
        enqueue::job_controller_socket((*opened)->configuration()), controller_patience
    );
    if (!connected) {
        controller_failure_ = connected.error();
        return std::move(connected).error();
    }
    controller_.emplace(std::move(*connected));
    return &*controller_;
}

void QmSession::disconnect() {
    controller_.reset();
    controller_failure_.reset();
}

Result<std::vector<std::string>> known_channels(enqueue::Runtime& runtime) {
    auto names = queue::list_channels(runtime.store());
    if (!names) return names;
    for (const channel::Channel& channel : runtime.configuration().imta.channels) {
        names->push_back(channel.name());
    }
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
    return names;
}

ExitCode report_no_queue(Console& console, const Error& error) {
    const bool configuration = error.is_permanent();
    console.fatal(
        "QM", configuration ? "BADCONFIG" : "NOQUEUE",
        error.detail().empty() ? error.text() : error.detail()
    );
    return configuration ? ExitCode::configuration : ExitCode::failed;
}

ExitCode report_no_controller(Console& console, const Error& error) {
    console.error("QM", "NOJBC", "the job controller does not answer: " + error.detail());
    return ExitCode::no_daemon;
}

void write_audit(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, std::size_t messages
) {
    OperatorAct act;
    act.time = runtime.store().clock().wall_now();
    act.user_id = login_of(invocation.who().user_id);
    act.user = user_name(act.user_id);
    act.messages = messages;
    act.command = invocation.who().command;
    const auto logged = log_operator_act(
        session.instance().tailor.path(config::TailorEntry::log), act, TimeZone::system()
    );
    if (!logged) invocation.console().warning("QM", "NOAUDIT", logged.error().detail());
}

std::string file_in_channel(const queue::MessageLocation& location) {
    const std::string name = location.name.to_string();
    return location.sub_directory.empty() ? name : location.sub_directory + '/' + name;
}

Result<std::string> read_header(queue::MessageFile& file) {
    const std::uint64_t wanted = std::min<std::uint64_t>(file.content_size(), header_ceiling);
    std::string text(static_cast<std::size_t>(wanted), '\0');
    const auto count = file.read_content(0, text.data(), text.size());
    if (!count) return count.error();
    text.resize(*count);
    return text;
}

}  // namespace sluice::utility
