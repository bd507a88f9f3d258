#pragma once

#include "log/sink.h"
#include "service_log/login_trace.h"

namespace sluice::enqueue {

/// Log-ins of SMTP clients in the service logs (service_log(5)). Thread-safe.
class LoginSink final : public log::EventSink {
public:
    LoginSink(const service_log::Settings& settings, const service_log::Writer& writer)
        : tracer_(settings, "imta", writer) {}

    [[nodiscard]] bool wants(log::EventKind kind) const override {
        return kind == log::EventKind::authentication;
    }
    [[nodiscard]] bool reads(log::EventKind kind) const override { return wants(kind); }
    void post(std::span<const log::Event> events, const log::LogOptions& options) override;
    void flush() override {}

private:
    service_log::LoginTracer tracer_;
};

/// Of an event of kind authentication, whose `command` is the mechanism. Pure.
[[nodiscard]] service_log::LoginAttempt login_attempt(const log::Event& event);

}  // namespace sluice::enqueue
