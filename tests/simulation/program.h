#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dequeue/settlement.h"
#include "job_controller/scheduler.h"
#include "world.h"

namespace sluice::simulation {

/// A channel program with its threads, as dequeue/master.cpp runs it: each asks for work, takes its
/// messages one by one through an attempt, reports. It may be killed at any time.
class Program : public std::enable_shared_from_this<Program> {
public:
    Program(
        World& world,
        std::string channel,
        job_controller::JobId job,
        std::uint32_t process,
        unsigned life
    );

    void begin();
    void kill();
    [[nodiscard]] bool is_busy() const;

    // What a thread hears from the job controller.
    void receive(unsigned thread, const jobs::Work& work);
    void pause(unsigned thread, std::chrono::seconds time);
    void leave(unsigned thread);
    /// The connection is gone: the message in hand is the last one.
    void cut_off(unsigned thread);

private:
    struct Attempt;
    struct Thread {
        std::optional<job_controller::WorkerId> line;
        std::vector<jobs::WorkItem> batch;
        std::size_t at = 0;
        MonoTime batch_began{};
        bool hand_back = false;
        std::vector<jobs::DoneItem> held;
        MonoTime held_since{};
        std::shared_ptr<Attempt> attempt;  // of this thread alone
        bool running = true;
        bool idle = false;
    };

    void add_thread();
    void ask(unsigned thread);
    void next_item(unsigned thread);
    void end_thread(unsigned thread);
    void end_if_done();
    void then(Duration pause, std::function<void()> action);
    void send_reports(Thread& thread);
    void report(unsigned thread, jobs::DoneItem done);

    // One attempt, in program_attempt.cpp.
    std::optional<jobs::DoneItem> take(Thread& thread, const jobs::WorkItem& item);
    Meeting meet(const Attempt& attempt);
    void try_item(unsigned thread);
    void accepted(unsigned thread);
    void settled(unsigned thread);
    void excuse(const Attempt& attempt);
    void finish(Attempt& attempt, jobs::DoneItem& done);
    void send_notices(Attempt& attempt);
    void remove(Attempt& attempt, jobs::DoneItem& done);
    bool record_finished(Attempt& attempt);
    void next_attempt(Attempt& attempt, jobs::DoneItem& done);
    void replace(Attempt& attempt, jobs::DoneItem& done);

    World& world_;
    std::string channel_;
    job_controller::JobId job_;
    std::uint32_t process_;
    unsigned life_;
    unsigned thread_limit_;
    std::vector<Thread> threads_;
    bool alive_ = true;
};

}  // namespace sluice::simulation
