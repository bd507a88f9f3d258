#include "controller.h"

#include "program.h"

namespace sluice::simulation {

using namespace std::chrono_literals;
using job_controller::WorkerId;

void Controller::start() {
    if (is_up()) return;
    ++life_;
    auto settings = world_.settings;
    for (auto& channel : settings.channels) channel.stopped = world_.stopped.contains(channel.name);
    world_.trace({}, "the job controller begins");
    world_.pressure.restarted(world_.moved_ahead > Duration(0));
    world_.knowledge.begin_anew();
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

void Controller::announce(const jobs::NewMessage& message) {
    if (!is_up()) return;
    const auto result = scheduler_->enqueue(message, world_.timeline.mono_now());
    if (result == job_controller::EnqueueResult::refused)
        world_.ledger.complain("refused: " + message.file);
    world_.knowledge.offered(message.channel, message.file, result);
    if (const auto location = queue::MessageLocation::parse(message.channel + '/' + message.file))
        world_.trace(
            location->name.unique, "announced, result " + std::to_string(static_cast<int>(result))
        );
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

void Controller::forget(
    const std::string& channel, const std::string& file, const std::string& host
) {
    if (!is_up() || scheduler_->forget(channel, file) == 0) return;
    world_.knowledge.dropped(channel, file);
    world_.pressure.fewer_wait(host);
    look_whether_empty(host);
    turn_soon();
}

void Controller::synchronise() {
    if (!is_up()) return;
    scheduler_->synchronise({}, world_.timeline.mono_now());
    turn_soon();
}

std::optional<WorkerId> Controller::connect(
    const std::string& channel, std::uint32_t process, unsigned thread
) {
    if (!is_up()) return std::nullopt;
    lines_[++last_line_] = {channel, process, thread};
    return last_line_;
}

void Controller::ask(WorkerId worker, const jobs::Ask& ask) {
    if (!lines_.contains(worker)) return;
    if (!scheduler_->ask(worker, ask, world_.timeline.mono_now()))
        world_.ledger.complain("a question of a worker was refused");
    turn_soon();
}

void Controller::trace(const Handed& what, const std::string& text) const {
    world_.trace(what.unique, text);
    world_.trace(what.item.host.empty() ? "-" : what.item.host, what.unique + ' ' + text);
}

void Controller::done(WorkerId worker, const std::vector<jobs::DoneItem>& items) {
    if (!lines_.contains(worker)) return;
    for (const jobs::DoneItem& item : items) {
        const auto handed = handed_.extract(item.handle);
        if (!handed) {
            world_.ledger.complain("a report about what nobody has");
            continue;
        }
        const Handed& what = handed.mapped();
        busy_.erase(what.unique);
        hands_[worker].erase(item.handle);
        trace(
            what, "done, outcome " + std::to_string(static_cast<int>(item.outcome)) + ", host " +
                      std::to_string(static_cast<int>(item.host_report))
        );
        const std::string& host = what.item.host;
        const bool was_down = world_.pressure.is_failing(host) && is_down(host);
        scheduler_->done(worker, item, world_.timeline.mono_now());
        take_note(what, item);
        if (was_down && !is_down(host)) {
            // What is left of the message itself waits for nothing.
            const bool left =
                item.outcome == jobs::Outcome::renamed || item.outcome == jobs::Outcome::untried;
            const std::size_t left_over = left ? 1 : 0;
            const std::size_t waiting = waiting_for(host);
            world_.pressure.host_is_back(host, waiting - std::min(waiting, left_over));
            if (world_.pressure.is_coming_back(host)) ++world_.counts["hosts that came back"];
        }
    }
    turn_soon();
}

void Controller::take_note(const Handed& what, const jobs::DoneItem& item) {
    using jobs::Outcome;
    const std::string& host = what.item.host;
    const bool partial = item.outcome == Outcome::renamed;
    const bool again = partial || item.outcome == Outcome::temp;
    if (item.outcome == Outcome::ok || item.outcome == Outcome::held ||
        item.outcome == Outcome::gone)
        world_.knowledge.dropped(what.channel, what.item.file);
    // The program could not even write down what was finished.
    if (item.outcome == Outcome::held && world_.disk.is_in_trouble())
        world_.unannounced.insert(what.unique);
    if (again && !item.new_file.empty())
        world_.knowledge.replaced(what.channel, what.item.file, item.new_file);
    if (item.host_report == jobs::HostReport::failed && !host.empty()) {
        const unsigned attempts = what.item.attempts + (again ? 1U : 0U);
        world_.pressure.host_failed(host, what.item.priority, attempts);
    } else if (item.host_report == jobs::HostReport::reached || item.outcome == Outcome::ok || partial) {
        world_.pressure.host_reached(host);
    }
    look_whether_empty(host);
}

void Controller::closed(WorkerId worker) {
    if (lines_.erase(worker) == 0) return;
    const auto handles = std::exchange(hands_[worker], {});
    for (const auto handle : handles) {
        const auto handed = handed_.extract(handle);
        const std::string& unique = handed.mapped().unique;
        world_.trace(unique, "lost with its worker");
        world_.pressure.forget(unique);
        busy_.erase(unique);
    }
    hands_.erase(worker);
    scheduler_->worker_left(worker, world_.timeline.mono_now());
    if (!handles.empty()) world_.knowledge.check(*scheduler_);
    turn_soon();
}

void Controller::job_ended(unsigned life, job_controller::JobId job, bool clean) {
    if (!is_up() || life != life_) return;
    scheduler_->job_exited(job, clean, world_.timeline.mono_now());
    turn_soon();
}

}  // namespace sluice::simulation
