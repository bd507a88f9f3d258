#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "service_log/service_log.h"

namespace sluice::service_log {

/// Somebody who logged in, or tried to.
struct LoginAttempt {
    Endpoint client;
    std::string user = {};       ///< as far as it is known
    std::string mechanism = {};  ///< "PLAIN"; empty: not known
    std::string reason = {};     ///< the true one, whatever the client was told
};

/// "login [192.0.2.7:4711] eve PLAIN". Pure.
[[nodiscard]] std::string login_text(const LoginAttempt& attempt);
/// "badlogin: [192.0.2.7:4711] PLAIN eve authentication failure". Pure.
[[nodiscard]] std::string bad_login_text(const LoginAttempt& attempt);

/// Notes log-ins in the log of a service, and in msgtrace where the message trace has a log of its
/// own (spec: service logs, message trace). Thread-safe.
class LoginTracer {
public:
    LoginTracer(const Settings& settings, std::string_view service, const Writer& writer);

    void logged_in(const LoginAttempt& attempt);
    void refused(const LoginAttempt& attempt);

private:
    void write(Level level, const std::string& text);

    ServiceLog service_;
    std::unique_ptr<ServiceLog> trace_;
};

}  // namespace sluice::service_log
