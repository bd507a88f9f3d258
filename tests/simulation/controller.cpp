#include "controller.h"

#include <algorithm>

#include "job_controller/queue_files.h"
#include "program.h"

namespace sluice::simulation {

using namespace std::chrono_literals;
using job_controller::WorkerId;

namespace {

constexpr Duration on_the_way = 1ms;

}  // namespace

void Controller::start() {
    if (is_up()) return;
    ++life_;
    auto settings = world_.settings;
    for (auto& channel : settings.channels) channel.stopped = world_.stopped.contains(channel.name);
    world_.trace({}, "the job controller begins");
    world_.pressure.restarted(world_.moved_ahead > Duration(0));
    scheduler_.emplace(settings, world_.timeline.mono_now());
    scheduler_->begin(world_.timeline.mono_now());
    turn_soon();
}

void Controller::kill() {
    if (!is_up()) return;
    ++world_.counts["kills of the job controller"];
    world_.trace({}, "the job controller is killed");
    scheduler_.reset();
    ++life_;
    handed_.clear();
    busy_.clear();
    hands_.clear();
    const auto lines = std::exchange(lines_, {});
    for (const auto& [id, line] : lines) {
        const auto program = world_.programs.find(line.process);
        if (program != world_.programs.end()) program->second->cut_off(line.thread);
    }
    later(world_.dice.between(100ms, 20s), [this] { start(); });
}

// Of this life only.
void Controller::later(Duration pause, std::function<void()> action) {
    world_.timeline.after(pause, [this, life = life_, action = std::move(action)] {
        if (life == life_) action();
    });
}

void Controller::turn_soon() {
    if (turning_ || !is_up()) return;
    turning_ = true;
    world_.timeline.after(Duration(0), [this] {
        turning_ = false;
        turn();
    });
}

void Controller::turn() {
    if (!is_up()) return;
    for (const auto& decision : scheduler_->settle(world_.timeline.mono_now()))
        std::visit([this](const auto& each) { obey(each); }, decision);
    const auto wakeup = scheduler_->next_wakeup();
    if (!wakeup || !is_up()) return;
    const std::uint64_t alarm = ++wake_;
    world_.timeline.at(*wakeup, [this, alarm] {
        if (alarm == wake_) turn();
    });
}

void Controller::obey(const job_controller::StartJob& start) {
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

// One without mail when its time came is forgotten, and is up for new mail.
bool Controller::is_down(const std::string& host) const {
    job_controller::Scheduler::HostCursor cursor;
    const auto rows = scheduler_->host_rows(
        network_channel, cursor, 100000, world_.timeline.mono_now(), world_.timeline.wall_now()
    );
    return std::any_of(rows.begin(), rows.end(), [&](const jobs::HostRow& row) {
        return row.host == host && row.down;
    });
}

void Controller::obey(const job_controller::GiveWork& give) {
    const std::string& host = give.work.items.front().host;
    if (give.work.items.size() > 1 && world_.pressure.is_parked(host) && is_down(host))
        world_.ledger.complain("a host is probed with more than one message");
    for (const jobs::WorkItem& item : give.work.items) {
        const auto location = queue::MessageLocation::parse("x/" + item.file);
        const std::string unique = location ? location->name.unique : item.file;
        const bool fresh = busy_.insert(unique).second;
        if (!fresh ||
            !handed_.try_emplace(item.handle, Handed{unique, item.host, item.priority}).second)
            world_.ledger.complain(unique + " is handed out while somebody has it");
        hands_[give.worker].insert(item.handle);
        world_.trace(unique, "handed to worker " + std::to_string(give.worker) + ": " + item.file);
        world_.trace(
            item.host.empty() ? "-" : item.host,
            "handed to worker " + std::to_string(give.worker) + ": " + item.file
        );
        world_.pressure.handed_out(unique, item.host);
    }
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
        for (const auto& file : answer.files)
            scheduler_->scan_offer(scan.channel, file, now, world_.timeline.wall_now());
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

void Controller::announce(const jobs::NewMessage& message) {
    if (!is_up()) return;
    if (scheduler_->enqueue(message, world_.timeline.mono_now()) ==
        job_controller::EnqueueResult::refused)
        world_.ledger.complain("refused: " + message.file);
    turn_soon();
}

void Controller::run(const jobs::Run& request) {
    if (!is_up()) return;
    scheduler_->run(request, world_.timeline.mono_now());
    world_.pressure.run(request.host);
    turn_soon();
}

void Controller::stop_channel(const std::string& channel) {
    world_.stopped.insert(channel);
    if (is_up()) scheduler_->stop_channel(channel);
}

void Controller::start_channel(const std::string& channel) {
    world_.stopped.erase(channel);
    if (!is_up()) return;
    scheduler_->start_channel(channel);
    turn_soon();
}

void Controller::forget(const std::string& channel, const std::string& file) {
    if (is_up()) scheduler_->forget(channel, file);
}

void Controller::synchronise() {
    if (!is_up()) return;
    scheduler_->synchronise({}, world_.timeline.mono_now());
    turn_soon();
}

std::optional<WorkerId> Controller::connect(std::uint32_t process, unsigned thread) {
    if (!is_up()) return std::nullopt;
    lines_[++last_line_] = {process, thread};
    return last_line_;
}

void Controller::ask(WorkerId worker, const jobs::Ask& ask) {
    if (!lines_.contains(worker)) return;
    if (!scheduler_->ask(worker, ask, world_.timeline.mono_now()))
        world_.ledger.complain("a question of a worker was refused");
    turn_soon();
}

void Controller::done(WorkerId worker, const std::vector<jobs::DoneItem>& items) {
    if (!lines_.contains(worker)) return;
    for (const jobs::DoneItem& item : items) {
        const auto handed = handed_.find(item.handle);
        if (handed == handed_.end()) {
            world_.ledger.complain("a report about what nobody has");
            continue;
        }
        const Handed what = handed->second;
        handed_.erase(handed);
        busy_.erase(what.unique);
        hands_[worker].erase(item.handle);
        world_.trace(
            what.unique, "done, outcome " + std::to_string(static_cast<int>(item.outcome)) +
                             ", host " + std::to_string(static_cast<int>(item.host_report))
        );
        scheduler_->done(worker, item, world_.timeline.mono_now());
        world_.trace(
            what.host.empty() ? "-" : what.host,
            what.unique + " done, outcome " + std::to_string(static_cast<int>(item.outcome)) +
                ", host " + std::to_string(static_cast<int>(item.host_report))
        );
        if (item.host_report == jobs::HostReport::failed && !what.host.empty()) {
            world_.pressure.host_failed(what.host, what.priority);
        } else if (item.host_report == jobs::HostReport::reached) {
            world_.pressure.host_reached(what.host);
        }
    }
    turn_soon();
}

void Controller::closed(WorkerId worker) {
    if (lines_.erase(worker) == 0) return;
    for (const auto handle : hands_[worker]) {
        world_.trace(handed_.at(handle).unique, "lost with its worker");
        world_.pressure.forget(handed_.at(handle).unique);
        busy_.erase(handed_.at(handle).unique);
        handed_.erase(handle);
    }
    hands_.erase(worker);
    scheduler_->worker_left(worker, world_.timeline.mono_now());
    turn_soon();
}

void Controller::job_ended(unsigned life, job_controller::JobId job, bool clean) {
    if (!is_up() || life != life_) return;
    scheduler_->job_exited(job, clean, world_.timeline.mono_now());
    turn_soon();
}

}  // namespace sluice::simulation
