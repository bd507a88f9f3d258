#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "auth/client_secrets.h"
#include "channel/channel.h"
#include "config/channel_options.h"
#include "config/tls_settings.h"
#include "enqueue/runtime.h"
#include "log/diagnostic.h"
#include "multilog/log_directory.h"
#include "net/dns.h"
#include "reencoding.h"
#include "route_walk.h"
#include "smtp/client_settings.h"
#include "tls/watched_client.h"

namespace sluice::tcp_client {

/// What all threads of one client program share, made from configuration and channel once. Only
/// read after that; what it points to is
/// thread-safe.
struct ClientContext {
    ClientContext(enqueue::Runtime& runtime, const channel::Channel& channel);

    enqueue::Runtime& runtime;
    std::string channel;     ///< its name
    std::string local_host;  ///< official name of this MTA
    bool lmtp = false;
    bool removes_routes = false;                   ///< keyword dequeue_removeroute
    std::optional<auth::Credentials> credentials;  ///< keywords authusername, authpassword
    EncodingRules encoding;
    RouteSettings route;
    std::shared_ptr<const smtp::ClientSettings> session;
    config::ClientTls tls_rules;
    std::unique_ptr<tls::WatchedClient> tls_files;  ///< nullptr: nobody wants TLS
    /// What is there now: certificates are renewed while the program runs.
    [[nodiscard]] tls::WatchedClient::Current tls() const;
    const config::TcpChannelOptions& options;
    log::DiagnosticOptions diagnostics;
    log::LogOptions log_options;
    bool logs = false;       ///< keyword logging
    bool debugs = false;     ///< keyword master_debug: the dialogue goes into the channel's log
    std::string debug_peer;  ///< DEBUG_PEER: likewise with these hosts
    const channel::Channel& definition;
    bool full_transcripts = false;                        ///< TRANSCRIPT_FULL
    std::unique_ptr<multilog::LogDirectory> transcripts;  ///< of dialogues that are recorded
    std::unique_ptr<std::atomic<std::uint64_t>> dialogues{
        std::make_unique<std::atomic<std::uint64_t>>(0)};  ///< how many were recorded
    std::unique_ptr<net::Resolver> resolver;
    std::unique_ptr<RememberedAddresses> unreachable;
    std::unique_ptr<RememberedAddresses> without_tls;  ///< whose handshakes fail

    /// The session's settings where TLS is demanded like this.
    [[nodiscard]] std::shared_ptr<const smtp::ClientSettings> session_for(config::TlsDemand demand
    ) const;
    /// What is to be done about TLS with a host at this address.
    [[nodiscard]] config::TlsDemand tls_demand(
        std::string_view destination, std::string_view host, const Endpoint& endpoint
    ) const;

    /// With whom and what to log in at a host; an Error says why not.
    [[nodiscard]] Result<auth::Credentials> credentials_for(
        std::string_view destination, std::string_view host
    ) const;

    /// A line about connections for the component log, with TRACE_LEVEL=1 or more.
    void trace_tcp(const std::string& text) const;

    /// For one address. The kernel alone would try for more than two minutes.
    std::chrono::seconds connect_time{30};
    /// For one connection, whatever its peer keeps it busy with.
    std::chrono::seconds session_time{std::chrono::hours(4)};
    /// A peer has this long to say goodbye.
    std::chrono::seconds quit_time{5};

private:
    void prepare_tls(const channel::Channel& the_channel);
};

/// The session's side of keywords and options. The name in EHLO is BANNER_HOST, else the channel's
/// local host alias, else `local_host`: the channel's official host name is often a mere label.
smtp::ClientSettings session_settings(
    const channel::Channel& channel,
    const config::TcpChannelOptions& options,
    const std::string& local_host
);
/// `own` is filled in by the caller.
RouteSettings route_settings(
    const channel::Channel& channel, const config::TcpChannelOptions& options
);

}  // namespace sluice::tcp_client
