#pragma once

#include <functional>
#include <memory>

#include "net/handoff.h"
#include "queue/commit_group.h"
#include "server_context.h"

namespace sluice::smtp_server {

/// Threads on which work that blocks is done: DNS, questions to the job controller.
class BlockingPool {
public:
    explicit BlockingPool(unsigned threads);
    /// Ends what is running, forgets what waits.
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;
    void run(std::function<void()> work);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One event loop with many sessions. A session never changes thread, so sessions need no locks.
/// take() and shut_down() may be called from other threads.
class ServerThread {
public:
    struct Shared {
        enqueue::Runtime& runtime;
        queue::CommitGroup& commits;  ///< made with release_committed() as its last step
        BlockingPool& pool;
        BlockingPool& slow_pool;   ///< for work that may wait for minutes: content filters
        BlockingPool& login_pool;  ///< for checks of passwords, which anybody may ask for
        /// A session ended. Called on the session's thread.
        std::function<void(net::ConnectionDone)> on_done;
    };
    explicit ServerThread(Shared shared);
    /// Waits for the thread; its sessions must have ended.
    ~ServerThread();
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;

    /// `context` is what the session begins with, and ends with.
    void take(net::HandedConnection connection, ServerContextPtr context);
    /// 421 for every session that has no message under way, and for the others afterwards.
    void shut_down();
    /// The service is under stress, or no longer: sessions that wait look at their deadlines again.
    void reconsider();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// For the commit group's after_batch: hands what was committed back to the sessions' threads, one
/// wake-up for each thread.
void release_committed();

}  // namespace sluice::smtp_server
