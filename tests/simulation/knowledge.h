#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "job_controller/scheduler.h"
#include "ledger.h"

namespace sluice::simulation {

/// The messages that the scheduler has taken on and was not told to drop: those and no others must
/// be in its listings, whatever happened to workers, hosts and channels. A message that it forgets
/// comes back with the next scan of the directory, hours later, so that nothing is lost and nobody
/// sees it.
class Knowledge {
public:
    Knowledge(Ledger& ledger, const Timeline& timeline) : ledger_(ledger), timeline_(timeline) {}

    void begin_anew() { known_.clear(); }
    /// In this life of the job controller or in an earlier one.
    [[nodiscard]] bool was_told(const std::string& unique) const { return told_.contains(unique); }
    /// What the scheduler said to news of a file, or to one that a scan found.
    void offered(
        std::string_view channel, std::string_view file, job_controller::EnqueueResult result
    );
    void dropped(std::string_view channel, std::string_view file);
    /// The file was replaced by one with another unique part.
    void replaced(std::string_view channel, std::string_view file, std::string_view by);
    void check(const job_controller::Scheduler& scheduler);

private:
    Ledger& ledger_;
    const Timeline& timeline_;
    std::set<std::string> known_;  ///< "channel/unique"
    std::unordered_set<std::string> told_;
};

}  // namespace sluice::simulation
