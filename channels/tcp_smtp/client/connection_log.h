#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client_context.h"

namespace sluice::tcp_client {

/// What LOG_SESSION and LOG_TIMING show of a connection that is closed.
struct SessionMeasures {
    std::chrono::milliseconds time{0};
    std::uint64_t messages = 0;  ///< that had at least one recipient accepted
    std::uint64_t octets = 0;    ///< of them
};

/// Writes the entries O, C and Y of one destination host's connections, as LOG_CONNECTION and the
/// channel's `logging` want them.
class ConnectionLog {
public:
    ConnectionLog(const ClientContext& context, std::string destination)
        : context_(context), destination_(std::move(destination)) {}

    /// From here on the connection is encrypted: "TLSv1.3-256-…".
    void set_tls(std::string info) { tls_ = std::move(info); }
    /// "SMTP/initial-host/dns-host", over TLS with its information as a fourth part
    [[nodiscard]] std::string application(const std::string& dns_host) const;
    void opened(const log::Transport& transport, const std::string& dns_host) const;
    void closed(
        const log::Transport& transport,
        const std::string& dns_host,
        const std::string& reason,
        const SessionMeasures& measures
    ) const;
    void failed(
        const log::Transport& transport, const std::string& dns_host, const std::string& reason
    ) const;

    /// A remark about the destination, for other logs than mail.log.
    void warn(const std::string& text) const;

private:
    void write(
        log::EventKind kind,
        const log::Transport& transport,
        const std::string& dns_host,
        const std::string& diagnostic,
        const SessionMeasures& measures = {}
    ) const;

    const ClientContext& context_;
    std::string destination_;
    std::string tls_;
};

}  // namespace sluice::tcp_client
