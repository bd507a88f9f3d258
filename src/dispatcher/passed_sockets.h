#pragma once

#include <optional>
#include <vector>

#include "base/ip_address.h"
#include "base/unique_fd.h"

namespace sluice::dispatcher {

/// Listening sockets that a service manager opened for us (systemd's socket activation). They stay
/// here for as long as the dispatcher runs, so that a port that a reload takes away can come back;
/// services get duplicates. One thread.
class PassedSockets {
public:
    PassedSockets() = default;
    /// Takes over `count` descriptors from number 3 on. What is no listening TCP socket is
    /// closed and reported.
    static PassedSockets take(int count);

    /// A socket for that place, not blocking, with that backlog; nullopt: none was passed.
    [[nodiscard]] std::optional<UniqueFd> find(const Endpoint& endpoint, int backlog);
    /// Whether a socket for all IPv6 addresses takes connections by IPv4 to that port too.
    [[nodiscard]] bool covers(const Endpoint& endpoint) const;
    [[nodiscard]] bool empty() const { return sockets_.empty(); }
    /// Reports those that no service has asked for.
    void report_unused() const;

private:
    struct Socket {
        UniqueFd fd;
        Endpoint endpoint;
        bool takes_both = false;
        bool used = false;
    };
    std::vector<Socket> sockets_;
};

}  // namespace sluice::dispatcher
