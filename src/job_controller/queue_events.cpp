#include "job_controller/queue_events.h"

#include <unistd.h>

#include "enqueue/event_sinks.h"
#include "enqueue/runtime.h"

namespace sluice::job_controller {

QueueEvents::QueueEvents(config::ConfigurationPtr configuration)
    : configuration_(std::move(configuration)),
      log_(enqueue::log_settings_of(*configuration_), enqueue::log_sinks_of(configuration_)),
      process_(static_cast<std::uint64_t>(::getpid())),
      sink_settings_(enqueue::event_sink_settings(*configuration_)) {}

void QueueEvents::take(config::ConfigurationPtr configuration) {
    configuration_ = std::move(configuration);
    std::string settings = enqueue::event_sink_settings(*configuration_);
    if (settings == sink_settings_) return;
    sink_settings_ = std::move(settings);
    log_.replace_sinks(enqueue::log_sinks_of(configuration_));
}

void QueueEvents::write(log::EventKind kind) {
    if (!log_.wants(kind, false, log_.options())) return;
    log::Event event;
    event.kind = kind;
    event.time = system_clock().wall_now();
    event.process = process_.next_operation();
    event.logged = false;
    log_.write(event);
}

}  // namespace sluice::job_controller
