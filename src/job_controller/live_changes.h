#pragma once

#include <vector>

#include "base/result.h"
#include "job_controller/settings.h"
#include "jobs/protocol.h"

namespace sluice::job_controller {

/// Changes of settings that operators made to the running job controller (`imsimta cache -change`).
/// They outlive a reload of the configuration and end with the process. Not thread-safe.
class LiveChanges {
public:
    /// Applies a change and keeps it. The number of channels concerned, 0 for one about the job
    /// controller as a whole. A permanent Error says what is wrong with it; nothing changed then.
    Result<std::uint32_t> make(JobControllerSettings& settings, const jobs::Change& change);
    /// Applies everything kept to settings that were read anew.
    void apply_to(JobControllerSettings& settings) const;

private:
    std::vector<jobs::Change> changes_;
};

}  // namespace sluice::job_controller
