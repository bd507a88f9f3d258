#include "dispatcher/passed_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "base/log.h"
#include "base/service_manager.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

bool option_is(int fd, int level, int name, int wanted) {
    int value = 0;
    socklen_t length = sizeof value;
    return ::getsockopt(fd, level, name, &value, &length) == 0 && value == wanted;
}

bool is_listening_stream(int fd) {
    return option_is(fd, SOL_SOCKET, SO_TYPE, SOCK_STREAM) &&
           option_is(fd, SOL_SOCKET, SO_ACCEPTCONN, 1);
}

std::string name_of(const Endpoint& endpoint) {
    return endpoint.address.to_string() + " port " + std::to_string(endpoint.port);
}

}  // namespace

PassedSockets PassedSockets::take(int count) {
    PassedSockets passed;
    if (count > 0) set_close_on_exec(count, true);
    for (int number = first_passed_descriptor; number < first_passed_descriptor + count; ++number) {
        UniqueFd fd(number);
        const auto endpoint = net::local_endpoint(number);
        if (!is_listening_stream(number) || !endpoint) {
            diag::warning(
                "descriptor " + std::to_string(number) + " is no listening TCP socket, not used"
            );
            continue;
        }
        const bool takes_both = endpoint->address == IpAddress::v6({}) &&
                                option_is(number, IPPROTO_IPV6, IPV6_V6ONLY, 0);
        diag::info("the service manager listens on " + name_of(*endpoint));
        passed.sockets_.push_back({std::move(fd), *endpoint, takes_both});
    }
    return passed;
}

std::optional<UniqueFd> PassedSockets::find(const Endpoint& endpoint, int backlog) {
    for (Socket& socket : sockets_) {
        if (socket.endpoint != endpoint) continue;
        UniqueFd copy(::fcntl(socket.fd.get(), F_DUPFD_CLOEXEC, 0));
        if (!copy || !net::set_nonblocking(copy.get(), true)) return std::nullopt;
        ::listen(copy.get(), backlog);
        socket.used = true;
        return copy;
    }
    return std::nullopt;
}

bool PassedSockets::covers(const Endpoint& endpoint) const {
    for (const Socket& socket : sockets_) {
        if (socket.takes_both && endpoint.address.is_v4() &&
            endpoint.port == socket.endpoint.port && endpoint.address == IpAddress::v4({}))
            return true;
    }
    return false;
}

void PassedSockets::report_unused() const {
    for (const Socket& socket : sockets_) {
        if (!socket.used)
            diag::warning("no service has the passed socket on " + name_of(socket.endpoint));
    }
}

}  // namespace sluice::dispatcher
