#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "service_log/service_log.h"

namespace sluice::service_log {

/// Texts of the message trace (spec: service logs, message trace). Fields are separated by ":"; one
/// in a field is shown as \x3a, but in a message-id, which is the last. Pure.
[[nodiscard]] std::string append_text(
    std::string_view user, std::string_view mailbox, std::uint64_t size, std::string_view message_id
);

/// Notes what happens to messages in the store, where local.msgtrace.active says so. Thread-safe.
class MessageTracer {
public:
    /// `service`: whose log it is unless the trace has one of its own.
    MessageTracer(const Settings& settings, std::string_view service, const Writer& writer);

    [[nodiscard]] bool is_active() const { return log_ != nullptr; }
    /// A message came into a mailbox. `size` in bytes, as stored.
    void appended(
        std::string_view user,
        std::string_view mailbox,
        std::uint64_t size,
        std::string_view message_id
    );

private:
    std::unique_ptr<ServiceLog> log_;
};

}  // namespace sluice::service_log
