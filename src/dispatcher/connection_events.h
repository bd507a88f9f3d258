#pragma once

#include <cstdint>

#include "access/verdict.h"
#include "base/ip_address.h"
#include "config/configuration.h"
#include "log/log_file.h"
#include "log/process_field.h"

namespace sluice::dispatcher {

/// What the dispatcher says in the logs about connections: that one has come, that PORT_ACCESS
/// refused it (entry X), how many there are. Belongs to one thread.
class ConnectionEvents {
public:
    explicit ConnectionEvents(config::ConfigurationPtr configuration);

    /// From now on events are written as this configuration has it.
    void take(config::ConfigurationPtr configuration);

    /// `service` is its name in dispatcher.cnf.
    void arrived(
        const std::string& service, std::uint64_t id, const Endpoint& local, const Endpoint& remote
    );
    void refused(
        const std::string& service,
        std::uint64_t id,
        const Endpoint& local,
        const Endpoint& remote,
        const access::Verdict& verdict
    );
    /// `local`: where the service listens.
    void connections(
        const std::string& service, const Endpoint& local, std::uint64_t count, std::uint64_t limit
    );

private:
    /// The channel whose `logging` and options count.
    struct Place {
        std::string channel;
        bool logged = false;
        log::LogOptions options;
    };
    [[nodiscard]] Place place_of(const std::string& service) const;
    [[nodiscard]] log::Event event_of(log::EventKind kind, const Place& place, std::uint64_t id);

    config::ConfigurationPtr configuration_;
    log::TransactionLog log_;
    log::ProcessField process_;
    std::string sink_settings_;
};

}  // namespace sluice::dispatcher
