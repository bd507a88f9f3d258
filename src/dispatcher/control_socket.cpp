#include "dispatcher/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/log.h"
#include "net/service_statistics.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

constexpr std::chrono::seconds patience{10};

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/// Which file has that name; nullopt: none.
std::optional<ControlSocket::Name> name_at(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
    return ControlSocket::Name{status.st_dev, status.st_ino};
}

}  // namespace

void ControlSocket::open(const std::string& path, Answer answer) {
    if (path.empty()) return;
    auto listener = net::listen_on_path(path, most_clients);
    if (!listener) {
        diag::warning("operators cannot ask: " + listener.error().detail());
        return;
    }
    path_ = path;
    name_ = name_at(path);
    listener_ = std::move(*listener);
    answer_ = std::move(answer);
}

void ControlSocket::close() {
    clients_.clear();
    if (!listener_) return;
    listener_.reset();
    // The next dispatcher may have it while our last worker ended.
    if (name_ && name_at(path_) == name_) ::unlink(path_.c_str());
}

void ControlSocket::collect(std::vector<pollfd>& polled) const {
    if (listener_ && clients_.size() < most_clients) polled.push_back({listener_.get(), POLLIN, 0});
    for (const Client& client : clients_) {
        const auto events = static_cast<short>(client.answered ? POLLOUT : POLLIN);
        polled.push_back({client.socket.get(), events, 0});
    }
}

void ControlSocket::serve(const pollfd& event, MonoTime now) {
    if (event.revents == 0) return;
    if (listener_ && event.fd == listener_.get()) return accept(now);
    const auto client = std::find_if(clients_.begin(), clients_.end(), [&](const Client& one) {
        return one.socket.get() == event.fd;
    });
    if (client == clients_.end()) return;
    const bool goes_on = client->answered ? write(*client) : read(*client);
    if (!goes_on) clients_.erase(client);
}

void ControlSocket::accept(MonoTime now) {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    Client client;
    client.socket = std::move(socket);
    client.until = now + patience;
    clients_.push_back(std::move(client));
}

bool ControlSocket::read(Client& client) {
    std::array<char, net::control_line_limit> chunk;
    const ssize_t count = ::recv(client.socket.get(), chunk.data(), chunk.size(), 0);
    if (count < 0) return would_block();
    if (count == 0) return false;
    client.question.append(chunk.data(), static_cast<std::size_t>(count));
    const std::size_t end = client.question.find('\n');
    if (end == std::string::npos) return client.question.size() < net::control_line_limit;
    client.answer = answer_(std::string_view(client.question).substr(0, end));
    client.answered = true;
    return write(client);
}

bool ControlSocket::write(Client& client) {
    while (client.sent < client.answer.size()) {
        const ssize_t count = ::send(
            client.socket.get(), client.answer.data() + client.sent,
            client.answer.size() - client.sent, MSG_NOSIGNAL
        );
        if (count < 0) return would_block();
        client.sent += static_cast<std::size_t>(count);
    }
    return false;
}

void ControlSocket::expire(MonoTime now) {
    std::erase_if(clients_, [&](const Client& client) { return client.until <= now; });
}

}  // namespace sluice::dispatcher
