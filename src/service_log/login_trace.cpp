#include "service_log/login_trace.h"

namespace sluice::service_log {

namespace {

std::string client_text(const Endpoint& client) {
    return '[' + client.address.to_string() + ':' + std::to_string(client.port) + ']';
}

/// A name of several words would look like what stands behind it.
std::string word(std::string_view text) {
    if (text.empty()) return "-";
    std::string out;
    for (const char c : text) out += c == ' ' ? std::string("\\x20") : std::string(1, c);
    return out;
}

/// A log that is on for the trace's sake has its events, which are of a level that others leave
/// out.
ServiceSettings settings_of_trace(const Settings& settings) {
    ServiceSettings of_log = settings.of("msgtrace");
    if (!settings.services.contains("msgtrace")) of_log.threshold = Level::information;
    return of_log;
}

}  // namespace

std::string login_text(const LoginAttempt& attempt) {
    return "login " + client_text(attempt.client) + ' ' + word(attempt.user) + ' ' +
           word(attempt.mechanism);
}

std::string bad_login_text(const LoginAttempt& attempt) {
    return "badlogin: " + client_text(attempt.client) + ' ' + word(attempt.mechanism) + ' ' +
           word(attempt.user) + ' ' +
           (attempt.reason.empty() ? "authentication failure" : attempt.reason);
}

LoginTracer::LoginTracer(const Settings& settings, std::string_view service, const Writer& writer)
    : service_(std::string(service), settings.of(service), writer) {
    if (settings.message_trace == MessageTrace::single)
        trace_ = std::make_unique<ServiceLog>("msgtrace", settings_of_trace(settings), writer);
}

void LoginTracer::logged_in(const LoginAttempt& attempt) {
    write(Level::information, login_text(attempt));
}

void LoginTracer::refused(const LoginAttempt& attempt) {
    write(Level::notice, bad_login_text(attempt));
}

void LoginTracer::write(Level level, const std::string& text) {
    service_.write(Category::account, level, text);
    if (trace_) trace_->write(Category::account, level, text);
}

}  // namespace sluice::service_log
