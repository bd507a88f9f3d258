#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/channel_table.h"

// What keywords mean together: the questions that the other rooms ask of a channel. Where a default
// depends on other keywords it is settled here and nowhere else.
namespace sluice::channel {

/// Priority of a message, from its header and the size limits of its channel.
enum class Priority : std::uint8_t { urgent, normal, nonurgent, second_class, third_class };

/// How end of line is read on SMTP and LMTP connections.
enum class LineEnd : std::uint8_t { crlf, cr, lf, crorlf };

[[nodiscard]] bool is_lmtp(const Channel& channel);
/// SMTP, not LMTP: by keyword, or a `tcp_*` channel that says neither.
[[nodiscard]] bool is_smtp(const Channel& channel);
[[nodiscard]] LineEnd line_end(const Channel& channel);
[[nodiscard]] bool has_logging(const Channel& channel);
/// Whether jobs may be started to deliver from this channel (everything but `slave`).
[[nodiscard]] bool has_master(const Channel& channel);

/// How the recipients of one message on one channel are spread over queue files.
enum class SplitRule : std::uint8_t { multiple, single, single_sys };
[[nodiscard]] SplitRule split_rule(const Channel& channel);
/// Most recipients in one queue file; nullopt: no limit. At least 1.
[[nodiscard]] std::optional<std::size_t> addresses_per_file(const Channel& channel);
/// Number of subdirectories of the channel's queue directory, 1 to 999.
[[nodiscard]] unsigned subdirectory_count(const Channel& channel);

/// Job controller pool; nullopt: the first pool of the job controller's file.
[[nodiscard]] std::optional<std::string_view> pool(
    const Channel& channel, Priority priority = Priority::normal
);
[[nodiscard]] std::size_t max_jobs(const Channel& channel);

/// Retry intervals after the first, second, ... failure; the last repeats. Never empty.
[[nodiscard]] std::vector<std::chrono::seconds> backoff_schedule(
    const Channel& channel, Priority priority
);
/// The interval after the given number of failed attempts (1 or more).
[[nodiscard]] std::chrono::seconds backoff_after(
    const Channel& channel, Priority priority, std::size_t failures
);

/// Ascending message ages in the unit of RETURN_UNITS (days or hours): a warning at each, return at
/// the last. Never empty: the channel's, else those of `l`, else 3 6 9 12.
[[nodiscard]] std::vector<std::uint32_t> notice_ages(
    const Channel& channel, Priority priority, const ChannelTable& channels
);

/// Whether a host that cannot be reached holds back all its messages: by keyword, else where the
/// channel speaks SMTP or LMTP.
[[nodiscard]] bool probes_hosts(const Channel& channel);
/// Pauses between probes of a host; the last repeats. Empty: those of the message that failed,
/// because the channel says when its messages are tried and nothing about hosts.
[[nodiscard]] std::vector<std::chrono::seconds> host_backoff_schedule(const Channel& channel);
/// Over which the messages of a host that is reached again are released; 0: at once.
[[nodiscard]] std::chrono::seconds host_ramp(const Channel& channel);

enum class MxUse : std::uint8_t {
    random,      ///< hosts of equal preference in random order (`mx`, `defaultmx`, `randommx`)
    in_order,    ///< ... in the order received (`nonrandommx`)
    none,        ///< address records only (`nomx`)
    host_table,  ///< no DNS at all (`nodns`)
};
[[nodiscard]] MxUse mx_use(const Channel& channel);
/// The one host that this channel delivers through; nullopt: the host of each recipient. A name
/// that is not fully qualified ("router") stands for the channel's official host name.
[[nodiscard]] std::optional<std::string_view> daemon_host(const Channel& channel);
/// Port to connect to: 25 unless `port` says otherwise.
[[nodiscard]] std::uint16_t port(const Channel& channel);

/// What a client or server does about TLS or AUTH.
enum class Demand : std::uint8_t { none, may, must };
[[nodiscard]] Demand tls_server(const Channel& channel);
[[nodiscard]] Demand tls_client(const Channel& channel);
[[nodiscard]] Demand sasl_server(const Channel& channel);
[[nodiscard]] Demand sasl_client(const Channel& channel);

/// Whether the destination adds `Return-path:`: by keyword, else `ims-ms*`, the local channel `l`
/// (it delivers to mailboxes here) and LMTP channels do.
[[nodiscard]] bool adds_return_path(const Channel& channel);

}  // namespace sluice::channel
