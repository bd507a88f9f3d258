#include "base/datagram_sender.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"

namespace sluice {

namespace {

/// A send that finds no room in the reader's queue gives the thread back to look at its orders.
constexpr timeval send_limit{0, 200'000};

}  // namespace

DatagramSender::DatagramSender(Settings settings) : settings_(std::move(settings)) {}

DatagramSender::~DatagramSender() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        give_up_ = system_clock().mono_now() + settings_.farewell;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void DatagramSender::post(std::string packet) {
    {
        const std::lock_guard lock(mutex_);
        if (octets_ + packet.size() > settings_.buffer_max) {
            ++dropped_;
            return;
        }
        octets_ += packet.size();
        packets_.push_back(std::move(packet));
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    changed_.notify_all();
}

std::uint64_t DatagramSender::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void DatagramSender::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !packets_.empty(); });
        if (packets_.empty()) return;
        if (ending_ && system_clock().mono_now() >= give_up_) return;
        const std::string packet = packets_.front();
        lock.unlock();
        const bool sent = send(packet);
        note_outcome(sent);
        lock.lock();
        if (sent) {
            octets_ -= packets_.front().size();
            packets_.pop_front();
        } else {
            changed_.wait_for(lock, ending_ ? settings_.retry_after / 10 : settings_.retry_after);
        }
    }
}

bool DatagramSender::send(const std::string& packet) {
    if (!socket_ && !connect()) return false;
    while (true) {
        const ssize_t sent = ::send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
        if (sent >= 0 || errno == EMSGSIZE) return true;  // nothing would make it fit
        if (errno == EINTR) continue;
        // The daemon has no room yet, or it is gone and a new one has another socket.
        if (errno != EAGAIN) socket_ = UniqueFd();
        return false;
    }
}

bool DatagramSender::connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (settings_.socket_path.size() >= sizeof address.sun_path) return false;
    std::copy(settings_.socket_path.begin(), settings_.socket_path.end(), address.sun_path);
    UniqueFd made(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!made) return false;
    ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(made.get(), name, sizeof address) != 0) return false;
    socket_ = std::move(made);
    return true;
}

void DatagramSender::note_outcome(bool sent) {
    if (std::exchange(failing_, !sent) == !sent) return;
    diag::warning(
        sent ? settings_.reader + " takes records again, records lost: " + std::to_string(dropped())
             : settings_.reader + " takes nothing at " + settings_.socket_path +
                   "; records are kept in memory"
    );
}

}  // namespace sluice
