#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "dispatcher/connection_events.h"
#include "dispatcher/debug.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/dns_lists.h"
#include "lookup/answer_pool.h"

namespace sluice::lookup {
class Sources;
}

namespace sluice::dispatcher {

/// What the dispatcher decides connections with: PORT_ACCESS, then the DNS lists of the service,
/// which whoever an entry of PORT_ACCESS matched is exempt from. The configuration is replaced on
/// SIGHUP; a connection keeps the one it began with. Waiting is done by a few threads, all the rest
/// by the dispatcher's. Not thread-safe.
class Gate {
public:
    Gate(config::ConfigurationPtr configuration, std::int64_t debug);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    using Then = std::function<void(access::Verdict)>;

    /// See DispatcherSettings::check_port.
    void check(
        const ServiceSettings& service, const Endpoint& local, const Endpoint& remote, Then then
    );
    /// Decides about those whose answers are there. See DispatcherSettings::attend.
    void attend() { pool_.run_finished(); }
    [[nodiscard]] int attend_fd() const { return pool_.descriptor(); }

    void on_refused(
        const ServiceSettings& service,
        std::uint64_t id,
        const Endpoint& local,
        const Endpoint& remote,
        const access::Verdict& verdict
    );
    [[nodiscard]] ConnectionEvents& events() { return events_; }

    void take(config::ConfigurationPtr configuration);
    [[nodiscard]] std::uint64_t generation() const { return configuration_->generation; }

private:
    struct Check;

    void decide(const std::shared_ptr<Check>& check);
    DnsLists& lists_for(const std::string& service);
    void ask_dns_lists(const std::shared_ptr<Check>& check, access::Verdict verdict);

    /// Threads that wait for answers, in the whole dispatcher.
    static constexpr unsigned waiting_threads = 8;

    config::ConfigurationPtr configuration_;
    std::shared_ptr<lookup::Sources> outside_;
    Debug debug_;
    ConnectionEvents events_;
    std::map<std::vector<std::string>, std::unique_ptr<DnsLists>> dns_lists_;  ///< by name servers
    lookup::AnswerPool pool_{waiting_threads};
};

}  // namespace sluice::dispatcher
