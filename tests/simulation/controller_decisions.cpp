#include <algorithm>

#include "controller.h"
#include "job_controller/queue_files.h"
#include "program.h"

// What the scheduler decides, carried out.
namespace sluice::simulation {

using namespace std::chrono_literals;
using job_controller::WorkerId;

namespace {

constexpr Duration on_the_way = 1ms;

}  // namespace

void Controller::obey(const job_controller::StartJob& start) {
    if (world_.stopped.contains(start.channel))
        world_.ledger.complain("a program for channel " + start.channel + ", which is stopped");
    if (world_.dice.chance(0.005)) {
        later(1ms, [this, job = start.job] {
            scheduler_->job_failed(job, world_.timeline.mono_now());
            turn_soon();
        });
        return;
    }
    const std::uint32_t process = ++world_.last_process;
    ++world_.counts["programs"];
    scheduler_->job_started(start.job, process, world_.timeline.mono_now());
    auto program = std::make_shared<Program>(world_, start.channel, start.job, process, life_);
    world_.programs[process] = program;
    world_.timeline.after(world_.dice.between(50ms, 800ms), [program] { program->begin(); });
    turn_soon();
}

std::shared_ptr<Program> Controller::program_of(WorkerId worker) const {
    const auto line = lines_.find(worker);
    if (line == lines_.end()) return nullptr;
    const auto program = world_.programs.find(line->second.process);
    return program == world_.programs.end() ? nullptr : program->second;
}

std::optional<jobs::HostRow> Controller::row_of(const std::string& host) const {
    job_controller::Scheduler::HostCursor cursor;
    const auto rows = scheduler_->host_rows(
        network_channel, cursor, 100000, world_.timeline.mono_now(), world_.timeline.wall_now()
    );
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const jobs::HostRow& each) {
        return each.host == host;
    });
    return row == rows.end() ? std::nullopt : std::optional(*row);
}

bool Controller::is_down(const std::string& host) const {
    const auto row = row_of(host);
    return row && row->down;
}

/// Messages that are in nobody's hands and due.
std::size_t Controller::waiting_for(const std::string& host) const {
    const auto row = row_of(host);
    const auto in_hands = static_cast<std::size_t>(std::count_if(
        handed_.begin(), handed_.end(),
        [&](const auto& entry) { return entry.second.item.host == host; }
    ));
    return row && row->active > in_hands ? row->active - in_hands : 0;
}

/// A message for it has gone.
void Controller::look_whether_empty(const std::string& host) {
    const bool of_interest =
        world_.pressure.is_failing(host) || world_.pressure.is_coming_back(host);
    if (host.empty() || !of_interest) return;
    const auto row = row_of(host);
    if (!row || row->active + row->delayed == 0) world_.pressure.host_emptied(host);
}

void Controller::obey(const job_controller::GiveWork& give) {
    const std::string& channel = lines_.at(give.worker).channel;
    if (world_.stopped.contains(channel))
        world_.ledger.complain("work for channel " + channel + ", which is stopped");
    const std::string& host = give.work.items.front().host;
    const bool down = world_.pressure.is_failing(host) && is_down(host);
    for (const jobs::WorkItem& item : give.work.items) {
        const auto location = queue::MessageLocation::parse("x/" + item.file);
        const std::string unique = location ? location->name.unique : item.file;
        const bool fresh = busy_.insert(unique).second;
        if (!fresh || !handed_.try_emplace(item.handle, Handed{unique, channel, item}).second)
            world_.ledger.complain(unique + " is handed out while somebody has it");
        hands_[give.worker].insert(item.handle);
        world_.trace(unique, "handed to worker " + std::to_string(give.worker) + ": " + item.file);
        world_.trace(
            item.host.empty() ? "-" : item.host,
            "handed to worker " + std::to_string(give.worker) + ": " + item.file
        );
        world_.pressure.handed_out(unique, item.host, give.work.items.size(), down);
    }
    if (world_.pressure.is_coming_back(host))
        world_.pressure.still_waiting(host, waiting_for(host));
    later(on_the_way, [this, give] {
        if (const auto program = program_of(give.worker))
            program->receive(lines_.at(give.worker).thread, give.work);
    });
}

void Controller::obey(const job_controller::TellWait& wait) {
    later(on_the_way, [this, wait] {
        if (const auto program = program_of(wait.worker))
            program->pause(lines_.at(wait.worker).thread, wait.pause);
    });
}

void Controller::obey(const job_controller::TellExit& exit) {
    later(on_the_way, [this, exit] {
        if (const auto program = program_of(exit.worker))
            program->leave(lines_.at(exit.worker).thread);
    });
}

void Controller::obey(const job_controller::ScanChannel& scan) {
    later(world_.dice.between(50ms, 3s), [this, scan] {
        const auto answer = job_controller::scan_files(world_.disk.store(), scan);
        const MonoTime now = world_.timeline.mono_now();
        for (const auto& file : answer.files) {
            const auto result =
                scheduler_->scan_offer(scan.channel, file, now, world_.timeline.wall_now());
            world_.knowledge.offered(scan.channel, file.file, result);
            if (const auto location = queue::MessageLocation::parse(scan.channel + '/' + file.file))
                world_.trace(
                    location->name.unique,
                    "found by a scan, result " + std::to_string(static_cast<int>(result))
                );
        }
        world_.trace(
            {}, "scan of " + scan.channel + ": " + std::to_string(answer.files.size()) +
                    " files, result " + std::to_string(static_cast<int>(answer.result))
        );
        scheduler_->scan_end(scan.channel, answer.result, now);
        turn_soon();
    });
}

void Controller::obey(const job_controller::Identify& identify) {
    later(5ms, [this, identify] {
        const auto identity = job_controller::read_identity(world_.disk.store(), identify);
        scheduler_->identified(identify.handle, identity, world_.timeline.mono_now());
        turn_soon();
    });
}

void Controller::obey(const job_controller::Note& note) {
    if (note.text.starts_with("MAX_MESSAGES")) ++world_.counts["overflows"];
}

}  // namespace sluice::simulation
