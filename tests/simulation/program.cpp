#include "program.h"

#include <algorithm>

#include "controller.h"
#include "program_attempt.h"

namespace sluice::simulation {

using namespace std::chrono_literals;

namespace {

// As in dequeue/master.cpp and jobs/worker_client.cpp.
constexpr std::uint16_t batch_size = 16;
constexpr std::uint16_t patience = 60;
constexpr Duration longest_batch = 10s;
constexpr std::size_t held_reports = 64;
constexpr Duration held_time = 1s;

}  // namespace

Program::Program(
    World& world,
    std::string channel,
    job_controller::JobId job,
    std::uint32_t process,
    unsigned life
)
    : world_(world),
      channel_(std::move(channel)),
      job_(job),
      process_(process),
      life_(life),
      thread_limit_(channel_ == network_channel ? network_threads : 1) {
    threads_.reserve(thread_limit_);
}

void Program::begin() {
    if (!alive_) return;
    if (world_.dice.chance(0.003)) return kill();
    add_thread();
}

// Of this process while it lives.
void Program::then(Duration pause, std::function<void()> action) {
    world_.timeline.after(pause, [self = shared_from_this(), action = std::move(action)] {
        if (self->alive_) action();
    });
}

void Program::add_thread() {
    if (threads_.size() >= thread_limit_) return;
    const auto number = static_cast<unsigned>(threads_.size());
    Thread& thread = threads_.emplace_back();
    thread.line = world_.controller->connect(channel_, process_, number);
    if (!thread.line) return end_thread(number);
    ask(number);
}

void Program::ask(unsigned number) {
    Thread& thread = threads_[number];
    send_reports(thread);
    if (!thread.line) return end_thread(number);
    thread.idle = true;
    jobs::Ask ask;
    ask.channel = channel_;
    ask.pid = process_;
    ask.thread = number;
    ask.job = job_;
    ask.thread_limit = static_cast<std::uint16_t>(thread_limit_);
    ask.max_messages = batch_size;
    ask.patience = patience;
    world_.controller->ask(*thread.line, ask);
}

void Program::receive(unsigned number, const jobs::Work& work) {
    Thread& thread = threads_[number];
    thread.idle = false;
    thread.batch = work.items;
    thread.at = 0;
    thread.batch_began = world_.timeline.mono_now();
    thread.hand_back = false;
    // One spare thread always waits, so that a slow host never keeps the others waiting.
    const bool spare =
        std::any_of(threads_.begin(), threads_.end(), [](const Thread& each) { return each.idle; });
    if (!spare) add_thread();
    next_item(number);
}

void Program::pause(unsigned number, std::chrono::seconds time) {
    threads_[number].idle = false;
    then(time + 1ms, [this, number] { ask(number); });
}

void Program::leave(unsigned number) {
    Thread& thread = threads_[number];
    send_reports(thread);
    if (thread.line) world_.controller->closed(*std::exchange(thread.line, {}));
    end_thread(number);
}

void Program::cut_off(unsigned number) {
    Thread& thread = threads_[number];
    thread.line.reset();
    thread.held.clear();
    if (!thread.attempt) end_thread(number);
}

void Program::end_thread(unsigned number) {
    if (!std::exchange(threads_[number].running, false)) return;
    threads_[number].idle = false;
    end_if_done();
}

void Program::end_if_done() {
    const bool running = std::any_of(threads_.begin(), threads_.end(), [](const Thread& each) {
        return each.running;
    });
    if (running || !alive_) return;
    // Others may still be about to call us.
    then(1ms, [this] {
        alive_ = false;
        world_.programs.erase(process_);
        world_.controller->job_ended(life_, job_, true);
    });
}

bool Program::is_busy() const {
    return std::any_of(threads_.begin(), threads_.end(), [](const Thread& each) {
        return each.attempt != nullptr;
    });
}

void Program::kill() {
    if (!std::exchange(alive_, false)) return;
    ++world_.counts["kills of programs"];
    const auto self = shared_from_this();
    for (Thread& thread : threads_) {
        if (thread.attempt) excuse(*thread.attempt);
        thread.attempt.reset();  // and its lock
    }
    // The ends of its connections and of the process itself are seen one after the other.
    Duration seen = 1ms;
    for (Thread& thread : threads_) {
        if (!thread.line) continue;
        world_.timeline.after(seen, [self, line = *thread.line] {
            self->world_.controller->closed(line);
        });
        seen += world_.dice.between(0ms, 2ms);
    }
    world_.timeline.after(world_.dice.between(1ms, 10ms), [self] {
        self->world_.programs.erase(self->process_);
        self->world_.controller->job_ended(self->life_, self->job_, false);
    });
}

void Program::next_item(unsigned number) {
    Thread& thread = threads_[number];
    if (thread.at == thread.batch.size()) {
        thread.batch.clear();
        return ask(number);
    }
    const jobs::WorkItem& item = thread.batch[thread.at];
    if (thread.hand_back) {
        jobs::DoneItem done;
        done.handle = item.handle;
        done.outcome = jobs::Outcome::untried;
        return report(number, done);
    }
    if (auto done = take(thread, item)) return report(number, *done);
    try_item(number);
}

void Program::report(unsigned number, jobs::DoneItem done) {
    Thread& thread = threads_[number];
    thread.attempt.reset();
    if (!thread.line) return end_thread(number);
    const jobs::WorkItem& item = thread.batch[thread.at];
    const bool host_failed = done.host_report == jobs::HostReport::failed;
    const MonoTime now = world_.timeline.mono_now();
    thread.hand_back = thread.hand_back || (host_failed && !item.host.empty()) ||
                       now - thread.batch_began > longest_batch;
    if (thread.held.empty()) thread.held_since = now;
    thread.held.push_back(std::move(done));
    if (host_failed || thread.held.size() >= held_reports || now - thread.held_since >= held_time)
        send_reports(thread);
    ++thread.at;
    then(Duration(0), [this, number] {
        if (!threads_[number].line) return end_thread(number);
        next_item(number);
    });
}

void Program::send_reports(Thread& thread) {
    if (!thread.held.empty() && thread.line) world_.controller->done(*thread.line, thread.held);
    thread.held.clear();
}

}  // namespace sluice::simulation
