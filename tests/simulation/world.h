#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dequeue/settlement.h"
#include "dice.h"
#include "disk.h"
#include "job_controller/settings.h"
#include "knowledge.h"
#include "ledger.h"
#include "network.h"
#include "pressure.h"
#include "timeline.h"

namespace sluice::simulation {

class Controller;
class Program;

/// What a simulation is made from; the seed decides everything else.
struct Plan {
    std::uint64_t seed = 1;
    unsigned messages = 100000;
    unsigned days = 30;  ///< the last six are without new mail, the last five without trouble
    unsigned hosts = 60;
    unsigned dead_hosts = 2;
    std::size_t max_messages = 1500;
};

/// Programs of the network channel have so many threads.
inline constexpr unsigned network_threads = 6;
inline constexpr const char* network_channel = "tcp_local";
inline constexpr const char* local_channel = "l";
inline constexpr const char* process_channel = "process";

/// Everything there is. Parts know each other through it.
struct World {
    explicit World(const Plan& its_plan);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Plan plan;
    Timeline timeline;
    Dice dice;
    Ledger ledger;
    Network network;
    Disk disk;
    job_controller::JobControllerSettings settings;
    Pressure pressure;
    Knowledge knowledge;
    dequeue::AgeLimits ages;
    /// Unique parts of files that the job controller takes for done or held, and that are queued
    /// even so, and nobody told it: a scan must find them.
    std::set<std::string> unannounced;
    std::set<std::string> stopped;  ///< the hold list of `qm stop`, on disk
    std::unique_ptr<Controller> controller;
    std::map<std::uint32_t, std::shared_ptr<Program>> programs;  ///< by process number
    std::uint32_t last_process = 100;
    Duration moved_ahead{};  ///< how far the wall clock was set ahead, all in all
    Duration moved_back{};
    std::map<std::string, std::uint64_t> counts;  ///< what happened, for the summary
    /// Events about the message with this unique part are printed, and those about everything.
    std::string traced;
    void trace(std::string_view unique, const std::string& text) const;
    /// Runs to the end, or to the first complaint.
    void run();
};

/// The simulated instance's configuration: three channels in two pools.
job_controller::JobControllerSettings settings_of(const Plan& plan);

/// Mail comes in: a steady flow and, now and then, a flood.
void begin_traffic(World& world);
/// Queues a copy for `channel` and tells the job controller about it.
bool submit(World& world, const std::string& channel, const std::string& host, bool held);
/// Queues a notification about `who` on channel process; false where it could not be queued.
bool notify_sender(World& world);
jobs::NewMessage news_of(
    const queue::Envelope& envelope, const queue::MessageLocation& location, bool released
);

/// The file's name below its channel's directory.
std::string relative_file(const queue::MessageLocation& location);

/// Again and again, on average every `mean`, until the quiet days.
void repeat(World& world, Duration mean, const std::function<void()>& action);
/// Failures of machine and disk, and what operators do, until the quiet days.
void begin_trouble(World& world);
/// The machine stands still; what was not durable is as it may be, and everything begins anew.
void begin_again_after_power_cut(World& world);
void begin_operators(World& world);
/// The nightly pass over the queue.
void begin_return_job(World& world);
/// Looks at the whole queue: whose mail is there, and whether it is held.
std::map<Ledger::Recipient, bool> present(World& world);

}  // namespace sluice::simulation
