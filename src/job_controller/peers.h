#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "job_controller/event_loop.h"
#include "jobs/frame.h"

namespace sluice::job_controller {

/// One connection to the job controller's socket.
struct Peer {
    std::uint64_t id = 0;  ///< never used again; the WorkerId of a worker
    UniqueFd fd;
    std::uint32_t pid = 0;
    std::optional<jobs::Role> role;  ///< set by Hello
    jobs::FrameReader reader;
    std::string output;
    bool closing = false;      ///< closed when the output is written
    bool wants_write = false;  ///< the loop waits until it can be written to
    bool all_told = false;     ///< an enqueuer's last word was that nothing is left to be told
    bool touched = false;      ///< output or listing to look at when the turn ends
    /// Produces more of a running listing; false: it is finished.
    std::function<bool(Peer&)> listing;

    /// Queues a message; one that cannot be encoded closes the connection.
    template <class Message>
    void send(const Message& message) {
        auto frame = jobs::encode(message);
        if (!frame) {
            diag::warning("answer not sent: " + frame.error().to_debug_string());
            closing = true;
            return;
        }
        output += *frame;
    }
};

struct PeerLimits {
    std::size_t peers = 8192;
    /// A peer that does not read its answers is closed above this.
    std::size_t output = 16U << 20U;
};

/// The socket and its connections: accepts, checks who it is, cuts frames, writes answers.
/// Answers are collected and written once per turn of the loop.
class Peers {
public:
    /// Called for each frame after Hello; false closes the connection.
    using OnFrame = std::function<bool(Peer&, const jobs::Frame&)>;
    using OnGone = std::function<void(Peer&)>;

    Peers(EventLoop& loop, OnFrame on_frame, OnGone on_gone, PeerLimits limits = {});

    /// Binds and listens. A lock beside the socket keeps a second job controller out; a socket
    /// left by a dead one is replaced.
    Result<void> listen(const std::string& path);
    /// No further connections; the socket's name goes.
    void stop_listening();
    void close_enqueuers();

    Peer* find(std::uint64_t id);
    void touch(Peer& peer);
    /// Writes what was collected, goes on with listings, closes what is to be closed.
    void flush();
    [[nodiscard]] bool output_pending() const;
    [[nodiscard]] std::size_t count() const { return peers_.size(); }

private:
    void accept_some();
    void on_event(std::uint64_t id, std::uint32_t events);
    void read_some(Peer& peer);
    bool greet(Peer& peer, const jobs::Frame& frame);
    void write_some(Peer& peer);
    void close(std::uint64_t id);

    EventLoop& loop_;
    OnFrame on_frame_;
    OnGone on_gone_;
    const PeerLimits limits_;
    std::string path_;
    UniqueFd lock_;
    UniqueFd listener_;
    std::uint64_t last_id_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Peer>> peers_;
    std::vector<std::uint64_t> touched_;
};

}  // namespace sluice::job_controller
