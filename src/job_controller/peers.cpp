#include "job_controller/peers.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/limit_hits.h"

namespace sluice::job_controller {

namespace {

/// A listing goes on when less than this is waiting to be read.
constexpr std::size_t listing_ahead = 256U << 10U;
constexpr int backlog = 1024;

Result<UniqueFd> take_lock(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return Error::from_errno(errno, "open " + path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        return Error::from_errno(errno, "another job controller is running: lock " + path);
    }
    return fd;
}

bool is_allowed(int fd, std::uint32_t& pid) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return false;
    pid = static_cast<std::uint32_t>(credentials.pid);
    return credentials.uid == 0 || credentials.uid == ::geteuid();
}

}  // namespace

Peers::Peers(EventLoop& loop, OnFrame on_frame, OnGone on_gone, PeerLimits limits)
    : loop_(loop), on_frame_(std::move(on_frame)), on_gone_(std::move(on_gone)), limits_(limits) {}

Result<void> Peers::listen(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        return Error::from_errno(ENAMETOOLONG, "socket path " + path);
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    auto lock = take_lock(path + ".lock");
    if (!lock) return std::move(lock).error();
    ::unlink(path.c_str());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return Error::from_errno(errno, "socket");
    const mode_t before = ::umask(0177);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int problem = errno;
    ::umask(before);
    if (bound != 0) return Error::from_errno(problem, "bind " + path);
    if (::listen(fd.get(), backlog) != 0) return Error::from_errno(errno, "listen on " + path);
    if (auto watched = loop_.watch(fd.get(), EPOLLIN, [this](auto) { accept_some(); }); !watched) {
        return watched;
    }
    path_ = path;
    lock_ = std::move(*lock);
    listener_ = std::move(fd);
    return {};
}

void Peers::stop_listening() {
    if (!listener_) return;
    loop_.forget(listener_.get());
    listener_.reset();
    ::unlink(path_.c_str());
}

void Peers::close_enqueuers() {
    for (auto& [id, peer] : peers_) {
        if (peer->role == jobs::Role::worker) continue;
        peer->closing = true;
        touch(*peer);
    }
}

void Peers::accept_some() {
    while (true) {
        UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) {
            // Out of descriptors: existing connections go on; this one waits in the backlog and
            // wakes us again, a short pause keeps that from becoming a spin.
            if (errno == EMFILE || errno == ENFILE) {
                limits::hit(
                    limits::Limit::descriptors, "another connection waits until there is one"
                );
                ::usleep(50000);
            }
            return;
        }
        auto peer = std::make_unique<Peer>();
        if (peers_.size() >= limits_.peers) {
            limits::hit(
                limits::Limit::job_controller_programs,
                std::to_string(limits_.peers) + " programs are connected; another was refused"
            );
            continue;
        }
        if (!is_allowed(fd.get(), peer->pid)) {
            diag::warning("connection refused");
            continue;
        }
        const int number = fd.get();
        const std::uint64_t id = ++last_id_;
        peer->id = id;
        peer->fd = std::move(fd);
        peers_.emplace(id, std::move(peer));
        auto watched =
            loop_.watch(number, EPOLLIN, [this, id](auto events) { on_event(id, events); });
        if (!watched) peers_.erase(id);
    }
}

Peer* Peers::find(std::uint64_t id) {
    const auto found = peers_.find(id);
    return found == peers_.end() ? nullptr : found->second.get();
}

void Peers::touch(Peer& peer) {
    if (std::exchange(peer.touched, true)) return;
    touched_.push_back(peer.id);
}

void Peers::on_event(std::uint64_t id, std::uint32_t events) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    if ((events & EPOLLOUT) != 0) touch(*peer);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some(*peer);
}

void Peers::read_some(Peer& peer) {
    std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const ssize_t count = ::recv(peer.fd.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return close(peer.id);
    if (peer.closing) return;
    peer.reader.feed({buffer.data(), static_cast<std::size_t>(count)});
    touch(peer);
    while (!peer.closing) {
        auto frame = peer.reader.next();
        const bool good = frame.has_value();
        if (good && !frame->has_value()) return;
        if (!good || !(peer.role ? on_frame_(peer, **frame) : greet(peer, **frame))) {
            diag::warning("process " + std::to_string(peer.pid) + " does not keep the protocol");
            return close(peer.id);
        }
    }
}

bool Peers::greet(Peer& peer, const jobs::Frame& frame) {
    const jobs::Hello expected;
    if (frame.verb != jobs::Verb::hello) return false;
    auto hello = jobs::decode<jobs::Hello>(frame.body);
    if (!hello || hello->magic != expected.magic) return false;
    if (hello->version != jobs::protocol_version) {
        peer.send(jobs::Problem{
            "version " + std::to_string(hello->version) + " is not spoken here, " +
            std::to_string(jobs::protocol_version) + " is"});
        peer.closing = true;
        return true;
    }
    peer.role = hello->role;
    peer.send(jobs::Welcome{jobs::protocol_version, static_cast<std::uint32_t>(::getpid())});
    return true;
}

void Peers::write_some(Peer& peer) {
    std::size_t written = 0;
    while (written < peer.output.size()) {
        const ssize_t count = ::send(
            peer.fd.get(), peer.output.data() + written, peer.output.size() - written, MSG_NOSIGNAL
        );
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) {
            peer.output.clear();
            peer.closing = true;
            return;
        }
        if (count < 0) break;
        written += static_cast<std::size_t>(count);
    }
    peer.output.erase(0, written);
    const bool more = !peer.output.empty();
    if (more != peer.wants_write) {
        peer.wants_write = more;
        loop_.change(peer.fd.get(), EPOLLIN | (more ? EPOLLOUT : 0U));
    }
}

void Peers::flush() {
    // Listings may touch their peer again; those come in the next turn.
    const std::vector<std::uint64_t> now = std::exchange(touched_, {});
    for (const std::uint64_t id : now) {
        Peer* peer = find(id);
        if (peer == nullptr) continue;
        peer->touched = false;
        // One portion a turn: a long listing must not keep the others waiting.
        if (peer->listing && !peer->closing && peer->output.size() < listing_ahead &&
            !peer->listing(*peer)) {
            peer->listing = nullptr;
        }
        write_some(*peer);
        // Who does not wait until it can be written to must not wait for anything.
        if (peer->listing && !peer->wants_write) touch(*peer);
        const bool stuck = peer->output.size() > limits_.output;
        if (stuck) {
            limits::hit(
                limits::Limit::job_controller_output,
                "process " + std::to_string(peer->pid) + " does not read its answers, closed"
            );
        }
        if (stuck || (peer->closing && peer->output.empty())) close(id);
    }
}

bool Peers::output_pending() const {
    return !touched_.empty();
}

void Peers::close(std::uint64_t id) {
    const auto found = peers_.find(id);
    if (found == peers_.end()) return;
    const std::unique_ptr<Peer> peer = std::move(found->second);
    peers_.erase(found);
    loop_.forget(peer->fd.get());
    on_gone_(*peer);
}

}  // namespace sluice::job_controller
