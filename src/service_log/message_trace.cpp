#include "service_log/message_trace.h"

namespace sluice::service_log {

namespace {

std::string field(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ':') {
            out += "\\x3a";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

std::string append_text(
    std::string_view user, std::string_view mailbox, std::uint64_t size, std::string_view message_id
) {
    return "append:" + field(user) + ':' + field(mailbox) + ':' + std::to_string(size) + ':' +
           std::string(message_id);
}

MessageTracer::MessageTracer(
    const Settings& settings, std::string_view service, const Writer& writer
) {
    if (settings.message_trace == MessageTrace::off) return;
    const std::string name(
        settings.message_trace == MessageTrace::single ? std::string_view("msgtrace") : service
    );
    ServiceSettings of_log = settings.of(name);
    // To switch the trace on is to want it: its events are of a level that logs leave out by
    // default. A threshold that was configured for the log stands.
    if (!settings.services.contains(name)) of_log.threshold = Level::information;
    log_ = std::make_unique<ServiceLog>(name, std::move(of_log), writer);
}

void MessageTracer::appended(
    std::string_view user, std::string_view mailbox, std::uint64_t size, std::string_view message_id
) {
    if (!log_) return;
    log_->write(Category::store, Level::information, append_text(user, mailbox, size, message_id));
}

}  // namespace sluice::service_log
