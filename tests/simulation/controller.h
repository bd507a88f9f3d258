#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "job_controller/scheduler.h"
#include "world.h"

namespace sluice::simulation {

/// The shell around the real scheduler: what job_controller.cpp and its sockets are in life. It can
/// be killed at any time, and begins then with an empty memory.
class Controller {
public:
    explicit Controller(World& world) : world_(world) {}

    void start();
    void kill();
    [[nodiscard]] bool is_up() const { return scheduler_.has_value(); }
    /// Counts starts: facts about another life are dropped.
    [[nodiscard]] unsigned life() const { return life_; }
    [[nodiscard]] const job_controller::Scheduler* scheduler() const {
        return scheduler_ ? &*scheduler_ : nullptr;
    }

    // Requests; nothing happens while it is down.
    void announce(const jobs::NewMessage& message);
    void run(const jobs::Run& request);
    void stop_channel(const std::string& channel);
    void start_channel(const std::string& channel);
    void forget(const std::string& channel, const std::string& file, const std::string& host);
    void synchronise();

    // Workers. nullopt: nobody listens.
    std::optional<job_controller::WorkerId> connect(
        const std::string& channel, std::uint32_t process, unsigned thread
    );
    void ask(job_controller::WorkerId worker, const jobs::Ask& ask);
    void done(job_controller::WorkerId worker, const std::vector<jobs::DoneItem>& items);
    void closed(job_controller::WorkerId worker);
    void job_ended(unsigned life, job_controller::JobId job, bool clean);

private:
    struct Line {
        std::string channel;
        std::uint32_t process = 0;
        unsigned thread = 0;
    };
    struct Handed {
        std::string unique;
        std::string channel;
        jobs::WorkItem item;
    };

    [[nodiscard]] std::optional<jobs::HostRow> row_of(const std::string& host) const;
    [[nodiscard]] bool is_down(const std::string& host) const;
    void look_whether_empty(const std::string& host);
    [[nodiscard]] std::size_t waiting_for(const std::string& host) const;
    void take_note(const Handed& what, const jobs::DoneItem& item);
    void trace(const Handed& what, const std::string& text) const;
    void turn_soon();
    void turn();
    void later(Duration pause, std::function<void()> action);
    void obey(const job_controller::StartJob& start);
    void obey(const job_controller::GiveWork& give);
    void obey(const job_controller::TellWait& wait);
    void obey(const job_controller::TellExit& exit);
    void obey(const job_controller::ScanChannel& scan);
    void obey(const job_controller::Identify& identify);
    void obey(const job_controller::Note& note);
    std::shared_ptr<Program> program_of(job_controller::WorkerId worker) const;

    World& world_;
    std::optional<job_controller::Scheduler> scheduler_;
    unsigned life_ = 0;
    bool turning_ = false;
    std::uint64_t wake_ = 0;  ///< number of the alarm that counts
    job_controller::WorkerId last_line_ = 0;
    std::map<job_controller::WorkerId, Line> lines_;
    std::map<job_controller::Handle, Handed> handed_;
    std::set<std::string> busy_;  ///< unique parts of what is handed out
    std::map<job_controller::WorkerId, std::set<job_controller::Handle>> hands_;
};

}  // namespace sluice::simulation
