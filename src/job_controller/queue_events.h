#pragma once

#include "config/configuration.h"
#include "log/log_file.h"
#include "log/process_field.h"

namespace sluice::job_controller {

/// What the job controller says of itself in the logs that have the queue manager's lines. One
/// thread.
class QueueEvents {
public:
    explicit QueueEvents(config::ConfigurationPtr configuration);
    /// Deliveries begin.
    void begun() { write(log::EventKind::deliveries_begun); }
    /// No more work is handed out; what is under way ends.
    void stopping() { write(log::EventKind::deliveries_stopping); }
    void stopped() { write(log::EventKind::deliveries_stopped); }

    void take(config::ConfigurationPtr configuration);

private:
    void write(log::EventKind kind);

    config::ConfigurationPtr configuration_;
    log::TransactionLog log_;
    log::ProcessField process_;
    std::string sink_settings_;
};

}  // namespace sluice::job_controller
