#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "job_controller/settings.h"
#include "jobs/protocol.h"

// The job controller's judgement: which message goes to which worker, when a failed one is tried
// again, when a channel program is started, when a directory must be scanned. Pure: no threads, no
// I/O, no clock. Facts come in through the member functions, decisions go out through settle().
// Spec: job-controller.md sections 3 to 7.
//
// A message is ready (in the queue of its host), delayed (by backoff), in progress (with a worker)
// or being identified (a scan found it and its host is not known yet). A host is
//     up         --failed-->   down        all its messages wait, no attempt is counted
//     down       --time, RUN-> probe due   one message may be handed out
//     probe due  --handed out-> probing
//     probing    --reached-->  up          the rest is released
//                --failed-->   down        for the next pause of the host's backoff
namespace sluice::job_controller {

/// Connection of a worker thread; numbers are the caller's and are not used again.
using WorkerId = std::uint64_t;
/// A process started by the job controller; numbers count from 1. 0: started by someone else.
using JobId = std::uint32_t;
using Handle = std::uint64_t;

/// Start the channel's master program.
struct StartJob {
    JobId job = 0;
    std::string channel;
};
/// Answers to Ask.
struct GiveWork {
    WorkerId worker = 0;
    jobs::Work work;
};
struct TellWait {
    WorkerId worker = 0;
    std::chrono::seconds pause{};
};
struct TellExit {
    WorkerId worker = 0;
};
/// Scan the channel's directory, oldest file first, with scan_offer() and scan_end().
struct ScanChannel {
    std::string channel;
    std::chrono::seconds least_age{};  ///< younger files need not be offered
    std::size_t most = 0;              ///< so many of the oldest files are enough
};
enum class ScanResult {
    complete,
    truncated,  ///< there are more files than were asked for
    failed,
};
/// Read the file's envelope and call identified().
struct Identify {
    Handle handle = 0;
    std::string channel;
    std::string file;
};
/// For the component log.
struct Note {
    bool warning = false;
    std::string text;
    std::optional<limits::Limit> limit = {};  ///< that was reached
};
using Decision = std::variant<StartJob, GiveWork, TellWait, TellExit, ScanChannel, Identify, Note>;

enum class EnqueueResult {
    tracked,  ///< new
    known,    ///< was tracked already
    on_disk,  ///< no room: found again by a scan
    refused,  ///< no such channel
};

/// What a scan learnt about one file from its name and its directory entry.
struct ScannedFile {
    std::string file;  ///< relative to the channel's directory
    unsigned attempts = 0;
    WallTime enqueued{};
    /// Of the last attempt; looked at when attempts > 0.
    WallTime last_attempt{};
};

/// What an envelope said.
struct Identity {
    std::string host;
    jobs::Priority priority = jobs::Priority::normal;
    std::uint64_t size = 0;
    std::uint32_t recipients = 1;
    WallTime enqueued{};
};

class Scheduler {
public:
    /// Keeps a copy of what it needs. `now` starts the schedules; call begin() for the first scan.
    Scheduler(const JobControllerSettings& settings, MonoTime now);
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    // Messages.
    EnqueueResult enqueue(const jobs::NewMessage& message, MonoTime now);
    std::uint32_t forget(std::string_view channel, std::string_view file);
    /// Makes delayed messages ready; nullopt: no such channel.
    std::optional<std::uint32_t> run(const jobs::Run& request, MonoTime now);

    // Scans. Every ScanChannel is answered by scan_end().
    void begin(MonoTime now);
    /// The number of channels that will be scanned.
    std::uint32_t synchronise(std::string_view channel, MonoTime now);
    EnqueueResult scan_offer(
        std::string_view channel, const ScannedFile& file, MonoTime now, WallTime wall
    );
    void scan_end(std::string_view channel, ScanResult result, MonoTime now);
    /// Answer to Identify; nullopt when the file could not be read: a worker will deal with it.
    void identified(Handle handle, const std::optional<Identity>& identity, MonoTime now);

    // Jobs: StartJob is answered by job_started() or job_failed(); job_exited() ends it.
    void job_started(JobId job, std::uint32_t pid, MonoTime now);
    void job_failed(JobId job, MonoTime now);
    void job_exited(JobId job, bool clean, MonoTime now);

    // Workers. False: the request makes no sense (unknown channel, change of channel, a second
    // question before the answer) and the connection should be closed.
    bool ask(WorkerId worker, const jobs::Ask& ask, MonoTime now);
    void done(WorkerId worker, const jobs::DoneItem& item, MonoTime now);
    /// A worker says that the far end of the channel is overloaded. False: no such channel.
    bool stress(std::string_view channel, MonoTime now);
    /// The connection is closed; what was in progress returns.
    void worker_left(WorkerId worker, MonoTime now);

    /// Takes other settings: pools, channels, limits. No message is forgotten and no job is
    /// stopped: programs that run are told to end after what they have in hand, so that the next
    /// one begins with the new configuration. A channel that is gone keeps its messages on disk.
    /// Returns what takes effect only later.
    std::vector<std::string> reconfigure(const JobControllerSettings& settings);

    // Operators.
    bool stop_channel(std::string_view channel);
    bool start_channel(std::string_view channel);
    /// From now on every question is answered by TellExit and no job is started.
    void shut_down();
    [[nodiscard]] std::size_t running_jobs() const;

    /// Moves time forward and returns all decisions due. Call it after a batch of facts: what is
    /// handed out is handed out here or by ask().
    std::vector<Decision> settle(MonoTime now);
    /// When settle() has something to do without new facts.
    [[nodiscard]] std::optional<MonoTime> next_wakeup() const;

    // Listings. `wall` and `now` are the same instant on both clocks. Cursors start empty/0 and
    // are advanced; a call that returns no rows is the end.
    [[nodiscard]] bool knows_channel(std::string_view channel) const;
    [[nodiscard]] std::vector<jobs::ChannelRow> channel_rows(
        std::string_view channel, MonoTime now, WallTime wall
    ) const;
    struct HostCursor {
        std::size_t channel = 0;
        std::string host;
        bool inside = false;
    };
    [[nodiscard]] std::vector<jobs::HostRow> host_rows(
        std::string_view channel, HostCursor& cursor, std::size_t most, MonoTime now, WallTime wall
    ) const;
    [[nodiscard]] std::vector<jobs::MessageRow> message_rows(
        std::string_view channel, std::size_t& cursor, std::size_t most, MonoTime now, WallTime wall
    ) const;
    [[nodiscard]] std::vector<jobs::JobRow> job_rows(std::string_view channel, MonoTime now) const;
    [[nodiscard]] std::vector<jobs::StatusRow> status_rows() const;
    [[nodiscard]] std::size_t tracked() const;
    /// Of the channels that deliver and have at least so many messages ready. Where a channel is
    /// sorted by host its busiest host does not count while others have mail: a destination that is
    /// slow is its own affair.
    [[nodiscard]] std::vector<ChannelLoad> loads(std::size_t least) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::job_controller
