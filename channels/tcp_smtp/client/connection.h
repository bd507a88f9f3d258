#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "log/event.h"
#include "tls/client_context.h"

namespace sluice::tcp_client {

enum class IoStatus { done, timeout, closed };

/// A TCP connection with blocking calls that end at a deadline. Not thread-safe.
class Connection {
public:
    struct ConnectFailure {
        int error_number = 0;  ///< 0: the deadline passed
        log::Transport transport;
    };
    /// `source`: local address to bind to. On failure `failure` says why.
    static std::optional<Connection> connect(
        const Endpoint& remote,
        const std::optional<IpAddress>& source,
        MonoTime deadline,
        ConnectFailure& failure
    );

    [[nodiscard]] const log::Transport& transport() const { return transport_; }

    /// From here on everything goes through TLS. What was received before must have been used.
    /// After a failure the connection is of no more use.
    Result<tls::Facts> start_tls(
        tls::ClientContext& context, const tls::ClientContext::Server& server, MonoTime deadline
    );
    /// Tells a peer on the other end of TLS that no more comes.
    void say_goodbye();

    /// Writes all of `octets`. What the peer says meanwhile is collected, so that two sides that
    /// both write do not wait for each other.
    IoStatus write(std::string_view octets, MonoTime deadline);
    /// Waits until octets from the peer are there, unless some are already.
    IoStatus read(MonoTime deadline);
    /// Takes in what is there, without waiting. `closed` as well when the peer has closed.
    IoStatus poll_input();

    /// Octets received and not yet used.
    [[nodiscard]] std::string_view input() const;
    /// Drops what stands in front of `rest`, a tail of input().
    void consume_to(std::string_view rest);

private:
    Connection(UniqueFd socket, log::Transport transport);
    /// Waits for `events`; false at the deadline.
    [[nodiscard]] bool wait(short events, MonoTime deadline, short& happened) const;
    IoStatus receive();
    /// One send(): `timeout` when the peer takes nothing at the moment.
    IoStatus send(std::string_view& octets);
    IoStatus send_tls(std::string_view& octets);
    IoStatus receive_tls();

    UniqueFd socket_;
    std::optional<tls::Stream> tls_;
    short reads_after_;  ///< what poll() is asked for before the next try
    short writes_after_;
    log::Transport transport_;
    std::string buffer_;
    bool closed_ = false;
};

}  // namespace sluice::tcp_client
