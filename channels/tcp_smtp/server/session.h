#pragma once

#include <functional>
#include <memory>
#include <span>

#include "base/result.h"
#include "dialogue.h"
#include "enqueue/message_builder.h"
#include "net/handoff.h"
#include "server_context.h"

namespace boost::asio {
class io_context;
}

namespace sluice::smtp_server {

/// One connection on its thread: moves octets between the socket and the Dialogue, and waits. All
/// calls on the session's thread.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    virtual void start() = 0;
    /// 421 at the next point where no message is under way.
    virtual void shut_down() = 0;
    /// Deadlines are others from now on.
    virtual void reconsider() = 0;
    /// What became of the message given to SessionHost::commit().
    virtual void on_committed(Result<void> outcome) = 0;
};

/// What a session needs of its thread.
class SessionHost {
public:
    SessionHost() = default;
    SessionHost(const SessionHost&) = delete;
    SessionHost& operator=(const SessionHost&) = delete;
    virtual ~SessionHost() = default;

    virtual boost::asio::io_context& io() = 0;
    /// Where the sessions of the thread read to: what is still needed when a session waits, it
    /// takes away first. Thousands of idle connections own no buffer.
    virtual std::span<char> read_buffer() = 0;
    /// Log entries were posted: flush the log once, at the end of this turn of the loop.
    virtual void flush_log_soon() = 0;
    /// Ends in Session::on_committed(), on this thread.
    virtual void commit(enqueue::PreparedMessage message, std::shared_ptr<Session> session) = 0;
    /// Runs `work` where it may block, then `done` on this thread.
    virtual void run_blocking(
        std::function<void()> work,
        std::function<void()> done,
        Dialogue::TaskLane lane = Dialogue::TaskLane::quick
    ) = 0;
    /// The socket is closed; the host forgets the session.
    virtual void ended(Session* session, net::ConnectionDone done) = 0;
};

std::shared_ptr<Session> make_session(
    SessionHost& host, ServerContextPtr context, net::HandedConnection connection
);

}  // namespace sluice::smtp_server
