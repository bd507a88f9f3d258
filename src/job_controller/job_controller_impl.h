#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "job_controller/debug.h"
#include "job_controller/event_loop.h"
#include "job_controller/inflow_brake.h"
#include "job_controller/job_controller.h"
#include "job_controller/live_changes.h"
#include "job_controller/peers.h"
#include "job_controller/periodic_jobs.h"
#include "job_controller/programs.h"
#include "job_controller/queue_reader.h"
#include "job_controller/requests.h"
#include "job_controller/scheduler.h"
#include "queue/store.h"

// The process's insides, shared by job_controller*.cpp and by nothing else.
namespace sluice::job_controller {

struct JobController::Impl {
    Impl(const JobControllerSettings& given, SettingsSource its_source, const Clock& its_clock);

    JobControllerSettings settings;
    SettingsSource source;
    std::function<void()> on_stopping;
    const Clock& clock;
    LiveChanges changes;
    Scheduler scheduler;
    EventLoop loop;
    Requests requests;
    Peers peers;
    Programs programs;
    PeriodicJobs periodic;
    UniqueFd stop_event;
    UniqueFd reader_event;
    std::unique_ptr<queue::Store> store;
    std::unique_ptr<QueueReader> reader;
    std::map<std::string, const ChannelSettings*> channels;
    std::vector<QueueReader::Scanned> scanned;  // being filed, last first
    std::size_t scanned_at = 0;
    std::optional<MonoTime> next_sweep;
    InflowBrake brake;
    MonoTime next_inflow_look{};
    MonoTime next_inflow_beat{};
    bool stopping = false;
    bool terminated = false;
    MonoTime give_up{};

    Result<void> open();
    Result<void> run();
    void begin_stop();
    void terminate_programs();
    std::optional<std::chrono::milliseconds> time_to_wait() const;
    void take_reader_answers();
    void file_scanned();
    void decide();
    void obey(StartJob&& start);
    void obey(GiveWork&& give);
    void obey(TellWait&& wait);
    void obey(TellExit&& exit);
    void obey(ScanChannel&& scan);
    void obey(Identify&& identify);
    void obey(Note&& note);
    template <class Message>
    void tell(WorkerId worker, const Message& message);
    [[nodiscard]] Debug debug() const { return Debug(settings.debug); }
    void note_request(const Peer& peer, const jobs::Frame& frame) const;
    void note_work(const GiveWork& give) const;
    void peer_left(const Peer& peer);
    void sweep();
    // inflow_watch.cpp
    [[nodiscard]] bool must_watch_inflow() const;
    void watch_inflow();
    void tell_inflow(std::uint64_t changes);
    void take_lists();
    Result<jobs::Reloaded> reload();
    Result<std::uint32_t> change(const jobs::Change& request);
};

}  // namespace sluice::job_controller
