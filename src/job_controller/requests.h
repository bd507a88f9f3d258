#pragma once

#include <functional>

#include "base/clock.h"
#include "job_controller/peers.h"
#include "job_controller/scheduler.h"

namespace sluice::job_controller {

/// Turns the protocol's requests into facts for the scheduler and answers what it can answer at
/// once. Answers to Ask come from the scheduler's decisions.
class Requests {
public:
    using Reload = std::function<Result<jobs::Reloaded>()>;
    using Change = std::function<Result<std::uint32_t>(const jobs::Change&)>;
    /// `reload` takes the published configuration, or says why not; `change` changes a setting.
    Requests(Scheduler& scheduler, const Clock& clock, Reload reload, Change change)
        : scheduler_(scheduler),
          clock_(clock),
          reload_(std::move(reload)),
          change_(std::move(change)) {}

    /// False: the peer does not keep the protocol.
    bool handle(Peer& peer, const jobs::Frame& frame);

private:
    template <class Message>
    bool with(Peer& peer, const jobs::Frame& frame);
    bool answer(Peer& peer, const jobs::Enqueue& request);
    bool answer(Peer& peer, const jobs::Ask& request);
    bool answer(Peer& peer, jobs::Done request);
    bool answer(Peer& peer, const jobs::Stress& report);
    bool answer(Peer& peer, const jobs::Run& request);
    bool answer(Peer& peer, const jobs::List& request);
    bool answer(Peer& peer, const jobs::Sync& request);
    bool answer(Peer& peer, const jobs::Stop& request);
    bool answer(Peer& peer, const jobs::Start& request);
    bool answer(Peer& peer, const jobs::Forget& request);
    bool answer(Peer& peer, const jobs::Status& request);
    bool answer(Peer& peer, const jobs::Reload& request);
    bool answer(Peer& peer, const jobs::Change& request);
    bool answer(Peer& peer, const jobs::Walk& request);
    void list_messages(Peer& peer, const std::string& channel);
    void list_hosts(Peer& peer, const std::string& channel);

    Scheduler& scheduler_;
    const Clock& clock_;
    Reload reload_;
    Change change_;
};

}  // namespace sluice::job_controller
