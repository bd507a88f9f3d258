#include "net/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace sluice::net {

SocketAddress::SocketAddress(const Endpoint& endpoint) : storage{}, length(0) {
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, endpoint.address.octets().data(), 4);
        length = sizeof v4;
        std::memcpy(&storage, &v4, sizeof v4);
        return;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.octets().data(), 16);
    length = sizeof v6;
    std::memcpy(&storage, &v6, sizeof v6);
}

std::optional<Endpoint> endpoint_from(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage, sizeof v4);
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &v4.sin_addr, octets.size());
        return Endpoint{IpAddress::v4(octets), ntohs(v4.sin_port)};
    }
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage, sizeof v6);
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        // A socket for both families shows IPv4 in this dress; rules know addresses without it.
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            return Endpoint{
                IpAddress::v4({octets[12], octets[13], octets[14], octets[15]}),
                ntohs(v6.sin6_port)};
        return Endpoint{IpAddress::v6(octets), ntohs(v6.sin6_port)};
    }
    return std::nullopt;
}

namespace {

template <int (*Ask)(int, sockaddr*, socklen_t*)>
std::optional<Endpoint> ask_endpoint(int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    if (Ask(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return std::nullopt;
    return endpoint_from(storage);
}

int name_of(int fd, sockaddr* address, socklen_t* length) {
    return ::getsockname(fd, address, length);
}
int peer_of(int fd, sockaddr* address, socklen_t* length) {
    return ::getpeername(fd, address, length);
}

Result<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error::from_errno(ENAMETOOLONG, "socket " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

}  // namespace

std::optional<Endpoint> local_endpoint(int socket) {
    return ask_endpoint<name_of>(socket);
}
std::optional<Endpoint> remote_endpoint(int socket) {
    return ask_endpoint<peer_of>(socket);
}

Result<UniqueFd> listen_on(const Endpoint& endpoint, int backlog) {
    const std::string what =
        endpoint.address.to_string() + " port " + std::to_string(endpoint.port);
    const int family = endpoint.address.is_v4() ? AF_INET : AF_INET6;
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return Error::from_errno(errno, "socket for " + what);
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    const SocketAddress address(endpoint);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) !=
        0) {
        return Error::from_errno(errno, "bind " + what);
    }
    if (::listen(fd.get(), backlog) != 0) return Error::from_errno(errno, "listen on " + what);
    return fd;
}

Result<void> set_nonblocking(int fd, bool on) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0) return Error::from_errno(errno, "read descriptor flags");
    if (::fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) < 0) {
        return Error::from_errno(errno, "set descriptor flags");
    }
    return {};
}

Result<UniqueFd> listen_on_path(const std::string& path, int backlog, unsigned mode) {
    const auto address = unix_address(path);
    if (!address) return address.error();
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return Error::from_errno(errno, "socket " + path);
    // What somebody left behind who is gone; never a file that is something else.
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) ::unlink(path.c_str());
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(sockaddr_un)) != 0) {
        return Error::from_errno(errno, "bind " + path);
    }
    if (::chmod(path.c_str(), mode) != 0) return Error::from_errno(errno, "set mode of " + path);
    if (::listen(fd.get(), backlog) != 0) return Error::from_errno(errno, "listen on " + path);
    return fd;
}

Result<UniqueFd> connect_to_path(const std::string& path) {
    const auto address = unix_address(path);
    if (!address) return address.error();
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return Error::from_errno(errno, "socket " + path);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(sockaddr_un)) !=
        0) {
        return Error::from_errno(errno, "connect to " + path);
    }
    return fd;
}

}  // namespace sluice::net
