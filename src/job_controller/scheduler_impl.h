#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "job_controller/channel_queue.h"
#include "job_controller/message_table.h"
#include "job_controller/scheduler.h"
#include "job_controller/stress.h"

// The scheduler's insides, shared by scheduler*.cpp and by nothing else.
namespace sluice::job_controller {

/// A process that could add threads is given this long to do so before another is started.
inline constexpr std::chrono::seconds patience_with_threads{2};

struct Pool {
    std::string name;
    unsigned job_limit = 10;
    unsigned running = 0;
    unsigned retiring = 0;
};

/// A channel with its jobs and the state of its scan.
struct ChannelState {
    ChannelState(ChannelSettings settings, Pool& its_pool)
        : queue(std::move(settings)), pool(&its_pool), stopped(queue.settings().stopped) {}

    ChannelQueue queue;
    Pool* pool;
    bool stopped;
    /// No longer configured: takes no messages and hands out none. What is in progress ends.
    bool removed = false;
    bool dirty = true;  ///< settle() has something to look at

    unsigned running = 0;  ///< processes, starting ones included
    unsigned workers = 0;  ///< connected
    std::vector<struct Worker*> parked;
    std::optional<std::uint16_t> thread_limit;  ///< what its program last said
    unsigned fast_failures = 0;
    std::optional<MonoTime> suspended_until;
    std::optional<MonoTime> unmet_since;  ///< work for which no worker is there
    std::optional<MonoTime> stall_check;  ///< threads that were promised should have come by then
    bool blocked_by_pool = false;
    bool poll = false;  ///< start a job even without work

    Stress stress;

    bool scanning = false;
    bool scan_again = false;
    std::chrono::seconds scan_again_age{};
    std::optional<MonoTime> scan_retry;
    bool untracked = false;  ///< there are files on disk for which there was no room
    std::size_t scan_quota = 0;
    bool scan_left_some = false;
    unsigned identifying = 0;
    std::uint64_t delivered = 0;

    [[nodiscard]] const ChannelSettings& settings() const { return queue.settings(); }
    void met() {
        unmet_since.reset();
        stall_check.reset();
    }
};

struct Job {
    JobId id = 0;
    ChannelState* channel = nullptr;
    std::uint32_t pid = 0;
    MonoTime started{};
    bool retiring = false;
    bool connected = false;  ///< has asked at least once
    bool poll = false;
    unsigned workers = 0;
    unsigned parked = 0;
    std::uint16_t thread_limit = 1;
    unsigned answers = 0;  ///< questions answered with work
    std::uint64_t processed = 0;
    std::uint64_t failed = 0;
};

struct Worker {
    WorkerId id = 0;
    ChannelState* channel = nullptr;
    JobId job = 0;
    std::uint32_t pid = 0;
    InProgressSet in_progress;
    Host* host = nullptr;       ///< counted among its threads
    std::size_t last_host = 0;  ///< hash of the name of the host served last
    std::uint32_t turn = 0;     ///< messages of `host` in a row
    MonoTime turn_began{};
    bool parked = false;
    MonoTime wait_until{};  ///< end of its patience
    bool patient = false;
    MonoTime idle_since{};
    MonoTime deadline{};  ///< as entered in deadlines_
    std::uint16_t max_messages = 1;
};

struct Scheduler::Impl {
    Impl(const JobControllerSettings& settings, MonoTime now);

    // scheduler_settings.cpp
    void take_options(const JobControllerSettings& settings);
    void take_pools(const std::vector<PoolSettings>& settings);
    Pool& pool_for(const ChannelSettings& channel);
    void move_to_pool(ChannelState& channel, Pool& pool);
    void take_channel(const ChannelSettings& settings, std::vector<std::string>& notes);
    std::vector<std::string> reconfigure(const JobControllerSettings& settings);

    // scheduler.cpp
    ChannelState* find_channel(std::string_view name);
    EnqueueResult enqueue(const jobs::NewMessage& message, MonoTime now);
    void enrich(
        ChannelState& channel, TrackedMessage& message, const jobs::NewMessage& news, MonoTime now
    );
    void done(Worker& worker, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now);
    void conclude(
        ChannelState& channel, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
    );
    void postpone(
        ChannelState& channel, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
    );
    void retry(
        ChannelState& channel, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
    );
    void learn_about_host(
        ChannelState& channel,
        const TrackedMessage& message,
        const jobs::DoneItem& item,
        MonoTime now
    );
    void drop(TrackedMessage& message);
    std::vector<Decision> settle(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> next_wakeup() const;
    void note(bool warning, std::string text) {
        decisions.emplace_back(Note{warning, std::move(text)});
    }

    // scheduler_workers.cpp
    Worker* admit(WorkerId id, const jobs::Ask& ask, MonoTime now);
    bool ask(WorkerId id, const jobs::Ask& ask, MonoTime now);
    void worker_left(WorkerId id, MonoTime now);
    void bring_back(const Worker& worker, TrackedMessage& message, MonoTime now);
    bool must_retire(const Job& job, MonoTime now) const;
    bool may_continue(const Worker& worker, MonoTime now) const;
    void give(Worker& worker, Host& host, MonoTime now);
    void park(Worker& worker, MonoTime now);
    void unpark(Worker& worker);
    void release_host(Worker& worker);
    void feed(ChannelState& channel, MonoTime now);
    Worker* waiting_worker(ChannelState& channel, const Host& host);
    void expire(MonoTime now);
    bool may_idle_out(const Worker& worker) const;
    void tell_exit(Worker& worker);
    void retire(Job& job);

    // scheduler_jobs.cpp
    Job* find_job(JobId id);
    void plan(ChannelState& channel, MonoTime now);
    [[nodiscard]] std::size_t demand(const ChannelState& channel) const;
    [[nodiscard]] std::size_t reserve(const ChannelState& channel, MonoTime now) const;
    [[nodiscard]] bool is_starting(const Job& job, MonoTime now) const;
    bool start_job(ChannelState& channel, MonoTime now);
    void make_room(ChannelState& channel);
    void job_exited(JobId id, bool clean, MonoTime now);

    // scheduler_stress.cpp
    [[nodiscard]] static Stress::Limits normal_limits(const ChannelState& channel);
    [[nodiscard]] static unsigned most_jobs(const ChannelState& channel);
    void stress(ChannelState& channel, MonoTime now);
    void relax(ChannelState& channel, MonoTime now);
    void stress_changed(ChannelState& channel);
    void keep_stress(ChannelState& channel, bool same_limits);
    [[nodiscard]] bool is_surplus(const Job& job) const;

    // scheduler_scan.cpp
    [[nodiscard]] std::size_t fair_share() const;
    [[nodiscard]] bool has_room(const ChannelState& channel) const;
    void leave_on_disk(ChannelState& channel);
    void request_scan(ChannelState& channel, std::chrono::seconds least_age);
    void start_scan(ChannelState& channel, std::chrono::seconds least_age);
    EnqueueResult scan_offer(
        ChannelState& channel, const ScannedFile& file, MonoTime now, WallTime wall
    );
    void await_next_attempt(ChannelState& channel, TrackedMessage& message, MonoTime now);
    void scan_end(ChannelState& channel, ScanResult result, MonoTime now);
    void refill(ChannelState& channel, MonoTime now);
    void identify_some(ChannelState& channel);
    void identified(TrackedMessage& message, const std::optional<Identity>& identity, MonoTime now);

    struct Counters {
        std::uint64_t enqueued = 0, known = 0, on_disk = 0, refused = 0;
        std::uint64_t handed_out = 0, delivered = 0, retried = 0, partial = 0;
        std::uint64_t held = 0, gone = 0, locked = 0, untried = 0, postponed = 0, stale_reports = 0;
        std::uint64_t workers_lost = 0, jobs_started = 0, jobs_failed = 0, suspensions = 0;
        std::uint64_t overflows = 0, scans = 0, probes = 0, stresses = 0;
    };

    std::size_t max_messages = 1;
    std::chrono::seconds synch_time{}, synch_age{}, job_idle{};
    bool identify = true;
    MessageTable table;
    std::deque<Pool> pools;  // addresses stay
    Pool* default_pool = nullptr;
    std::deque<ChannelState> channels;  // addresses stay
    std::unordered_map<std::string, ChannelState*> by_name;
    std::map<JobId, Job> jobs;
    JobId last_job = 0;
    std::unordered_map<WorkerId, std::unique_ptr<Worker>> workers;
    std::set<std::pair<MonoTime, WorkerId>> deadlines;
    std::vector<Decision> decisions;
    MonoTime next_synch;
    bool shutting_down = false;
    bool overflow = false;  // since max_messages was reached, until no channel has untracked files
    Counters counters;
};

}  // namespace sluice::job_controller
