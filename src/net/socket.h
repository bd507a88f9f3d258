#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::net {

/// A socket address in the kernel's form, ready for bind and connect.
struct SocketAddress {
    sockaddr_storage storage;
    socklen_t length;
    explicit SocketAddress(const Endpoint& endpoint);
};

std::optional<Endpoint> endpoint_from(const sockaddr_storage& storage);
/// The local or remote end of a connected or bound TCP socket.
std::optional<Endpoint> local_endpoint(int socket);
std::optional<Endpoint> remote_endpoint(int socket);

/// A listening, non-blocking TCP socket. An IPv6 socket takes IPv6 only, so that "all interfaces"
/// is two sockets.
Result<UniqueFd> listen_on(const Endpoint& endpoint, int backlog);
Result<void> set_nonblocking(int fd, bool on);

/// Unix stream sockets; the path is limited by the kernel to 107 octets. A socket that is there
/// already is replaced, any other file is an Error.
Result<UniqueFd> listen_on_path(const std::string& path, int backlog, unsigned mode = 0600);
Result<UniqueFd> connect_to_path(const std::string& path);

}  // namespace sluice::net
