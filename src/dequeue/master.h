#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dequeue/disposition.h"
#include "enqueue/runtime.h"
#include "queue/message_file.h"

// The one way out of the queue. A master program is this skeleton and a Deliverer: the skeleton
// asks the job controller for work, owns and reads the message files, and settles what the
// deliverer reports: log entries, notifications, the next attempt. A site's own channel program
// needs a Deliverer and three lines of main (see channels/bitbucket).
namespace sluice::dequeue {

/// The channel program's own part. One object per thread, never shared.
class Deliverer {
public:
    Deliverer() = default;
    Deliverer(const Deliverer&) = delete;
    Deliverer& operator=(const Deliverer&) = delete;
    virtual ~Deliverer() = default;

    /// One attempt at the recipients with these indexes in the envelope. Returns one disposition
    /// each, in this order. `host` is the destination system as the job controller sorts by it; may
    /// be empty. The file is locked and stays as it is. Must not throw.
    virtual std::vector<Disposition> deliver(
        queue::MessageFile& file,
        const std::vector<std::size_t>& recipients,
        const std::string& host
    ) = 0;
    /// There is no more work at the moment: close what is open towards the destination.
    virtual void rest() {}
};

using DelivererFactory = std::function<
    std::unique_ptr<Deliverer>(enqueue::Runtime&, const channel::Channel&, unsigned thread)>;

/// Where the work of a master program comes from, and when it ends.
enum class MasterMode : std::uint8_t {
    served,      ///< from the job controller, which says when to end
    until_idle,  ///< from the job controller, until it has nothing to do now (`imsimta run`)
    standalone,  ///< what lies in the channel's directory; nobody is asked (`imsimta run
                 ///< -standalone`)
};

struct MasterSettings {
    std::string channel;
    unsigned thread_limit = 1;
    /// Most messages taken from the job controller at a time; they are for one host.
    unsigned batch = 16;
    MasterMode mode = MasterMode::served;
};

/// Serves the channel until the job controller says that there is no more to do, or goes away.
/// Returns the exit status of the program: 0, or 75 when the job controller could not be reached at
/// all.
int run_master(
    enqueue::Runtime& runtime, const MasterSettings& settings, const DelivererFactory& factory
);

/// The environment variable by which `imsimta run` asks for another mode: "until_idle" or
/// "standalone". The component log goes to standard error then.
inline constexpr const char* mode_variable = "SLUICE_RUN";

/// main() of a master program: reads the environment, opens the configuration, the component log
/// and the runtime, then run_master(). The channel is the first argument. `thread_limit` is asked
/// once the configuration is there.
int master_main(
    int argc,
    char** argv,
    const std::function<unsigned(const config::Configuration&, const channel::Channel&)>&
        thread_limit,
    const DelivererFactory& factory
);

}  // namespace sluice::dequeue
