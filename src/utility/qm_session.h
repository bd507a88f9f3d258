#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "enqueue/runtime.h"
#include "jobs/control_client.h"
#include "queue/message_file.h"
#include "utility/qm_gather.h"
#include "utility/utility.h"

namespace sluice::utility {

/// What the commands of one `imsimta qm` share: the instance's queue, the line to the job
/// controller, the last listing with its numbers. A command typed at the shell has a session of
/// its own. One thread; where several serve one command, see voice().
class QmSession {
public:
    explicit QmSession(const Instance& instance) : instance_(instance) {}

    [[nodiscard]] const Instance& instance() const { return instance_; }
    /// Opened at the first call.
    Result<enqueue::Runtime*> runtime();
    /// The job controller; connected at the first call. A failure is kept until forget_failure().
    Result<jobs::ControlClient*> controller();
    /// Held by whichever of several threads asks the job controller or speaks to the operator.
    [[nodiscard]] std::mutex& voice() { return voice_; }
    /// The next command may find it there again, or gone.
    void disconnect();

    /// The messages of the last directory or held listing; number 1 is the first.
    std::vector<QueuedMessage> listing;
    bool has_listing = false;
    bool database_view = false;  ///< listings ask the job controller
    bool ended = false;
    ExitCode worst = ExitCode::done;
    unsigned depth = 0;  ///< of command files inside each other
    static constexpr unsigned deepest = 8;

private:
    const Instance& instance_;
    std::unique_ptr<enqueue::Runtime> runtime_;
    std::optional<jobs::ControlClient> controller_;
    std::optional<Error> controller_failure_;
    std::mutex voice_;
};

/// Runs a qm command in its session: that of the invocation, else one of its own. Opens the queue
/// first and says why where that fails.
template <ExitCode (*Run)(Invocation&, QmSession&, enqueue::Runtime&)>
ExitCode with_queue(Invocation& invocation);

/// Says why the configuration or the queue cannot be opened.
ExitCode report_no_queue(Console& console, const Error& error);
/// Says that the job controller does not answer.
ExitCode report_no_controller(Console& console, const Error& error);

/// Names of the channels that are configured or have a directory, sorted.
Result<std::vector<std::string>> known_channels(enqueue::Runtime& runtime);

/// Notes in operator.log who has typed this command, before it acts; says so where that fails.
void write_audit(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, std::size_t messages = 0
);

/// "003/ZZ84PHKX1L3Q0A0001.00": how the job controller names it.
std::string file_in_channel(const queue::MessageLocation& location);
/// The first 64 KiB of the content at most: enough for any header.
Result<std::string> read_header(queue::MessageFile& file);

template <ExitCode (*Run)(Invocation&, QmSession&, enqueue::Runtime&)>
ExitCode with_queue(Invocation& invocation) {
    std::optional<QmSession> own;
    if (invocation.session() == nullptr) own.emplace(*invocation.instance());
    QmSession& session = own ? *own : *invocation.session();
    const auto runtime = session.runtime();
    if (!runtime) return report_no_queue(invocation.console(), runtime.error());
    session.disconnect();
    return Run(invocation, session, **runtime);
}

}  // namespace sluice::utility
