#include "enqueue/login_sink.h"

namespace sluice::enqueue {

service_log::LoginAttempt login_attempt(const log::Event& event) {
    const Endpoint nobody{IpAddress::v4({}), 0};
    service_log::LoginAttempt attempt{event.transport ? event.transport->remote : nobody};
    attempt.user = event.username;
    if (attempt.user.starts_with('*')) attempt.user.erase(0, 1);
    attempt.mechanism = event.command;
    // Entries say it of users who are not there as well: what filters for them look for is not the
    // true reason. An empty one is an authentication failure.
    if (event.message_info != "Bad password") attempt.reason = event.message_info;
    return attempt;
}

void LoginSink::post(std::span<const log::Event> events, const log::LogOptions& /*options*/) {
    for (const log::Event& event : events) {
        if (event.kind != log::EventKind::authentication) continue;
        if (event.modifiers.authenticated) {
            tracer_.logged_in(login_attempt(event));
        } else {
            tracer_.refused(login_attempt(event));
        }
    }
}

}  // namespace sluice::enqueue
