#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "enqueue/message_builder.h"
#include "filter/copy_filters.h"
#include "lookup/sources.h"
#include "message/message_id.h"

namespace sluice::enqueue {

log::LogOptions log_options_of(const config::Configuration& configuration);
/// The same with the channel's own LOG_CONNECTION, where its option file has one.
log::LogOptions log_options_of(
    const config::Configuration& configuration, std::string_view channel
);
MessageLimits message_limits_of(const config::Configuration& configuration);
/// For MessageLimits::filters; null where no filter is configured.
std::shared_ptr<filter::CopyFilters> copy_filters_of(config::ConfigurationPtr configuration);
log::LogSettings log_settings_of(const config::Configuration& configuration);
queue::StoreOptions store_options_of(const config::Configuration& configuration);
/// Who else reads the events of the transaction log: the counters.
std::vector<std::unique_ptr<log::EventSink>> log_sinks_of(
    const config::ConfigurationPtr& configuration
);
/// Path of the job controller's socket.
std::string job_controller_socket(const config::Configuration& configuration);

/// Whether what a process opened for one configuration serves the other as well: queue, log, lines
/// to other processes. Where not, "why" in a few words; a new process must be started then.
std::optional<std::string> needs_fresh_process(
    const config::Configuration& before, const config::Configuration& after
);

/// What every program that handles mail opens once: configuration, queue, transaction log, the line
/// to the job controller. Thread-safe as its parts are. Make it after the last fork.
class Runtime {
public:
    static constexpr std::chrono::milliseconds usual_farewell{2000};
    /// `farewell`: how long the end waits for a job controller that must still be told of messages.
    /// `debugs`: the program's channel asks for a debug log, which OS_DEBUG and CACHE_DEBUG fill.
    static Result<std::unique_ptr<Runtime>> open(
        config::ConfigurationPtr configuration,
        std::chrono::milliseconds farewell = usual_farewell,
        bool debugs = false
    );
    /// The same on a queue that is open already: tests keep it on the model of a disk.
    static std::unique_ptr<Runtime> on(
        config::ConfigurationPtr configuration,
        std::unique_ptr<queue::Store> store,
        std::chrono::milliseconds farewell
    );

    [[nodiscard]] const config::Configuration& configuration() const { return *configuration_; }
    [[nodiscard]] const config::ConfigurationPtr& snapshot() const { return configuration_; }
    [[nodiscard]] queue::Store& store() { return *store_; }
    [[nodiscard]] log::TransactionLog& log() { return log_; }
    /// Logs of other dialects are written as another configuration has it, from now on: the options
    /// that choose their entries take effect at once. For the thread that reads configurations.
    void take_sinks(const config::ConfigurationPtr& fresh);
    [[nodiscard]] jobs::EnqueueNotifier& notifier() { return notifier_; }
    [[nodiscard]] message::MessageIdGenerator& message_ids() { return message_ids_; }
    [[nodiscard]] Site& site() { return site_; }
    /// Where the questions of the policy to the outside are answered.
    [[nodiscard]] lookup::Sources& sources() { return sources_; }
    [[nodiscard]] const MessageLimits& limits() const { return limits_; }
    /// Account that this process runs as, for the owner record.
    [[nodiscard]] const std::string& account() const { return account_; }

private:
    Runtime(
        config::ConfigurationPtr configuration,
        std::unique_ptr<queue::Store> store,
        jobs::EnqueueNotifier::Options notifier
    );

    config::ConfigurationPtr configuration_;
    std::unique_ptr<queue::Store> store_;
    log::TransactionLog log_;
    std::string sink_settings_;  ///< those that log_'s sinks were made with
    jobs::EnqueueNotifier notifier_;
    message::MessageIdGenerator message_ids_;
    MessageLimits limits_;
    std::string account_;
    Site site_;
    lookup::Sources sources_;
};

}  // namespace sluice::enqueue
