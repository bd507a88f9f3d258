#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "jobs/frame.h"

namespace sluice::jobs {

/// Blocking end of one connection to the job controller, for the clients of this room.
/// Deadlines run on the monotonic clock. After a failure the connection is closed.
class Connection {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    /// Connects and exchanges Hello and Welcome.
    static Result<Connection> open(
        const std::string& socket_path, Role role, std::chrono::milliseconds limit
    );

    Result<void> send(std::string_view bytes, Deadline deadline);
    /// The next frame; its body lives until the next call.
    Result<Frame> receive(Deadline deadline);
    /// The next frame as a Message; a Problem becomes a permanent Error with its text.
    template <class Message>
    Result<Message> receive_as(Deadline deadline) {
        auto frame = receive(deadline);
        if (!frame) return std::move(frame).error();
        if (frame->verb == Message::verb) return decode<Message>(frame->body);
        return unexpected(*frame);
    }
    /// The Error for a frame that is not the awaited answer.
    Error unexpected(const Frame& frame);

private:
    explicit Connection(UniqueFd fd) : fd_(std::move(fd)) {}
    Error lost(Error error) {
        fd_.reset();
        return error;
    }
    UniqueFd fd_;
    FrameReader reader_;
};

}  // namespace sluice::jobs
