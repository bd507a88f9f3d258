#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dispatcher/debug.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/passed_sockets.h"
#include "dispatcher/service.h"

namespace sluice::dispatcher {

/// The services of the dispatcher: those of its configuration, and those that a new configuration
/// no longer has and whose sessions are still open. Not for use from two threads.
class ServiceList {
public:
    /// `settings` are read until the list goes, and lose their services to bind().
    explicit ServiceList(DispatcherSettings& settings)
        : settings_(settings),
          debug_(settings.debug),
          passed_(PassedSockets::take(settings.passed_descriptors)) {}

    /// A service that cannot be had is left out; the others start (dispatcher.md section 2.1).
    /// False: there is none.
    bool bind();
    /// Takes a new configuration, or nothing of one that cannot be used. False: there is none. A
    /// service of which nothing can be had any more keeps its workers for the sessions that are
    /// open.
    bool renew();
    /// Says what came of a reload once all workers have answered or had the time to.
    void watch_reload(MonoTime now);

    template <class Call>
    void for_all(const Call& call) {
        for (const auto& service : services_) call(*service);
        for (const auto& service : leaving_) call(*service);
    }
    /// A service may have gone with a new configuration while its connection waited: null then, and
    /// for one whose sessions end.
    [[nodiscard]] Service* find(ServiceNumber number) const;
    /// New workers for a service, whose sockets stay open. False: there is none of that name.
    bool restart(std::string_view name);
    [[nodiscard]] net::Statistics statistics() const;
    [[nodiscard]] bool workers_gone() const;
    [[nodiscard]] std::size_t size() const { return services_.size(); }
    /// How many workers each service has, for debugging.
    [[nodiscard]] std::string worker_counts() const;

private:
    using Services = std::vector<std::unique_ptr<Service>>;

    [[nodiscard]] std::unique_ptr<Service> make(ServiceSettings settings);

    void note_settings(const ServiceSettings& settings) const;
    void close_missing(const std::vector<ServiceSettings>& wanted);
    void reconfigure(ServiceSettings settings);
    void note(const std::vector<std::string>& failures);
    void finish_reload();

    DispatcherSettings& settings_;
    Debug debug_;
    PassedSockets passed_;
    ServiceNumber last_number_ = 0;
    Services services_;
    Services leaving_;                    ///< no longer configured; sessions are open
    std::optional<ReloadReport> report_;  ///< of a reload that is under way
    MonoTime report_until_{};
};

}  // namespace sluice::dispatcher
