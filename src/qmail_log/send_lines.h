#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "log/event.h"
#include "log/event_switches.h"
#include "qmail_log/text.h"

// The lines of qmail-send, the queue manager (postoffice-and-qmail-features.md section 5.2). Pure
// but for the counters it is given.
namespace sluice::qmail_log {

/// What the lines of all processes have in common: delivery numbers, how many deliveries are under
/// way, of how many files a message consists.
class SendCounters {
public:
    /// Names a delivery: a process and its own number for it.
    struct DeliveryKey {
        std::uint64_t process = 0;
        std::uint64_t number = 0;
    };
    /// Deliveries under way.
    struct Running {
        std::uint64_t local = 0;
        std::uint64_t remote = 0;
        bool stopping = false;  ///< no new work is handed out
    };

    SendCounters() = default;
    SendCounters(const SendCounters&) = delete;
    SendCounters& operator=(const SendCounters&) = delete;
    SendCounters(SendCounters&&) = delete;
    SendCounters& operator=(SendCounters&&) = delete;
    virtual ~SendCounters() = default;

    /// The queue manager has started: deliveries are numbered from 1.
    virtual void reset() = 0;
    virtual void set_stopping() = 0;
    virtual std::uint64_t begin_delivery(DeliveryKey key, bool remote) = 0;
    /// nullopt: nobody knows of its beginning.
    virtual std::optional<std::uint64_t> end_delivery(DeliveryKey key) = 0;
    virtual Running running() = 0;
    /// Files of a message came into the queue. `already_known`: it has others there.
    virtual void add_files(std::uint64_t message, std::uint64_t files, bool already_known) = 0;
    /// A file left it; true when it was the message's last one.
    virtual bool remove_file(std::uint64_t message) = 0;
};

struct SendLineOptions {
    log::EventSwitches switches;
    Stamp stamp = Stamp::tai64n;
    std::uint64_t local_limit = 0;   ///< most local deliveries at a time
    std::uint64_t remote_limit = 0;  ///< most remote ones
    std::uint64_t uid = 0;           ///< of the MTA
};

/// Appends the lines of one operation.
void render_send(
    std::string& out,
    std::span<const log::Event> events,
    const SendLineOptions& options,
    SendCounters& counters
);

/// What a delivery ended with, "Connected_to.../" : cleaned, each of its lines ended by "/".
[[nodiscard]] std::string delivery_text(const log::Event& event);

}  // namespace sluice::qmail_log
