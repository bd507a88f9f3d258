#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/ip_address.h"
#include "config/file_source.h"

// dispatcher.cnf: the services and their sockets (docs/man/dispatcher.cnf.5).
namespace sluice::config {

/// One socket to listen on.
struct ListenAddress {
    std::optional<IpAddress> address;  ///< unset: every address of the machine
    std::uint16_t port = 0;
    bool tls = false;  ///< TLS starts at once (TLS_PORT)
    /// SOCKET: a Unix socket, as written: resolve with Tailor::resolve_path. Address and port are
    /// those by which tables know its clients then.
    std::string path;

    /// Whether both cannot be bound at the same time.
    [[nodiscard]] bool collides_with(const ListenAddress& other) const;
    /// "25", "127.0.0.1:25", "[::1]:465 tls".
    [[nodiscard]] std::string to_debug_string() const;
    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// At most this many DNS lists for one service.
inline constexpr std::size_t max_dns_lists = 5;

struct DispatcherService {
    std::string name;
    std::vector<ListenAddress> listen;  ///< never empty
    std::string image;                  ///< as written: resolve with Tailor::resolve_path
    std::string parameter;              ///< e.g. "CHANNEL=tcp_local"
    std::string logfile;                ///< as written; empty: none
    std::string user;                   ///< empty: the tailor file's IMTA_USER
    std::string tls_certificate;
    std::optional<std::int64_t> backlog;
    std::int64_t min_procs = 1;
    std::int64_t max_procs = 10;
    std::int64_t min_conns = 3;
    std::int64_t max_conns = 10;
    std::int64_t max_handoffs = 5;
    std::chrono::seconds max_idle_time{600};
    std::chrono::seconds max_life_time{86400};
    std::int64_t max_life_conns = 10000;
    std::int64_t max_shutdown = 2;
    std::chrono::seconds historical_time{0};
    std::optional<std::int64_t> stacksize;
    bool ident = false;
    bool enable_rbl = false;
    std::int64_t debug = 0;
    std::int64_t max_conns_per_source = 0;        ///< 0: no cap
    std::int64_t stress_percent = 80;             ///< of its connections; 0: never under stress
    std::int64_t stress_source_percent = 50;      ///< of one address, under stress; 0: no cap
    std::vector<std::string> dns_verify_domains;  ///< in file order
    SourceLocation where;

    /// BACKLOG, or what follows from the other limits: MAX_CONNS x MAX_PROCS, at least 5.
    [[nodiscard]] std::int64_t listen_backlog() const;
};

/// The words of PARAMETER=: "CHANNEL=tcp_local THREADS=4" is two arguments.
std::vector<std::string> parameter_words(const std::string& parameter);
/// The channel that connections of the service begin with: tcp_local unless PARAMETER names one.
std::string channel_of(const DispatcherService& service);

struct DispatcherConfiguration {
    std::vector<DispatcherService> services;  ///< the usable ones, in file order
    std::int64_t debug = 0;                   ///< of the dispatcher itself; -1 is everything

    [[nodiscard]] const DispatcherService* find(std::string_view name) const;
};

/// A service with an error (E431 no image or no port, E432 bad port, E433 port taken by an earlier
/// service) is left out; the others stay. Further codes: those of option_file.h and
/// option_value.h, E430 unknown kind of section, W430 too many DNS lists, W431 option without
/// effect here.
DispatcherConfiguration parse_dispatcher_cnf(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing or unreadable file is an Error.
Result<DispatcherConfiguration> load_dispatcher_cnf(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
);

/// IMTA_DISPATCHER_DEBUG: the mask in hexadecimal, FFFFFFFF is everything.
std::optional<std::int64_t> parse_debug_mask(std::string_view text);

}  // namespace sluice::config
