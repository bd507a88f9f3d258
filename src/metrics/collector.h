#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "counters/exposition.h"

// The metrics: what was counted, what waits, what is held, and how much room there is, for
// monitoring systems that fetch it over HTTP. A process of its own: that it is asked often, or that
// it breaks, concerns no mail. Spec: operator-utilities.md section 7.5.
namespace sluice::metrics {

/// Gathers what the metrics tell. What cannot be had at the moment is left out. One thread.
class Collector {
public:
    explicit Collector(config::ConfigurationPtr configuration);
    ~Collector();
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    [[nodiscard]] counters::Exposition collect();
    /// Whether dispatcher and job controller run: mail is taken and delivered.
    [[nodiscard]] bool is_ready() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The first word of a reason, without its colon: "loop: 51 Received lines" -> "loop". Anything
/// that is not a short word is "other": labels must be few. Pure.
std::string reason_label(std::string_view reason);

}  // namespace sluice::metrics
