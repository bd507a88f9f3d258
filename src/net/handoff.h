#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "base/unique_fd.h"

// What the dispatcher and a worker process tell each other, over a SOCK_SEQPACKET pair: one text
// record a packet, fields separated by tabs, escaped so that no field can hold a tab
// (docs/formats/handoff.md). A connection record carries the accepted socket as SCM_RIGHTS
// ancillary data. Source: spec page dispatcher, section 4.
namespace sluice::net {

/// A connection on its way to a worker. The receiver owns the socket; a process that has no
/// descriptors left receives none.
struct HandedConnection {
    std::uint64_t id = 0;
    std::string service;
    Endpoint local;
    Endpoint remote;
    bool tls_at_once = false;
    WallTime accepted{};
    std::string access_text;      ///< PORT_ACCESS output: authentication rule set or empty
    std::string access_log_text;  ///< PORT_ACCESS text behind "||", for the log only
    std::string access_effects;   ///< what PORT_ACCESS asked for and the dispatcher has done
    UniqueFd socket;
};
/// The worker shall take no more connections, finish what it has, and exit.
struct RetireOrder {};
/// A new configuration is published: connections that come after this record begin with it.
struct ReloadOrder {};
/// What weighs on the service from now on.
struct PressureOrder {
    bool stressed = false;                     ///< most of its connections are taken
    std::vector<std::string> channels_behind;  ///< deliveries do not keep up; "*": of all
};
using DispatcherRecord = std::variant<HandedConnection, RetireOrder, ReloadOrder, PressureOrder>;

struct WorkerReady {};
struct ConnectionAccepted {
    std::uint64_t id = 0;
};
struct ConnectionDone {
    std::uint64_t id = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::string outcome;
};
struct WorkerHeartbeat {};
struct WorkerGoing {};
/// The answer to ReloadOrder.
struct WorkerReloaded {
    bool taken = false;            ///< false: the worker keeps what it has and must be replaced
    std::uint64_t generation = 0;  ///< of the configuration in use now
    std::string text;              ///< why not
};
using WorkerRecord = std::variant<
    WorkerReady,
    ConnectionAccepted,
    ConnectionDone,
    WorkerHeartbeat,
    WorkerGoing,
    WorkerReloaded>;

/// Most octets of each of the texts of PORT_ACCESS, so that a connection always fits a packet.
inline constexpr std::size_t access_text_limit = 1024;
/// Largest packet either side sends or accepts, in octets.
inline constexpr std::size_t handoff_packet_limit = 8192;

std::string encode(const DispatcherRecord& record);
std::string encode(const WorkerRecord& record);
/// `socket` is the descriptor that came with the packet, if any.
Result<DispatcherRecord> decode_dispatcher_record(std::string_view packet, UniqueFd socket);
Result<WorkerRecord> decode_worker_record(std::string_view packet);

/// A connected pair: one end for the dispatcher, one for its worker. Both close on exec.
Result<std::pair<UniqueFd, UniqueFd>> make_handoff_pair();
/// Sends one record. A full channel is the Error with errno EAGAIN.
Result<void> send_record(int channel, const DispatcherRecord& record);
Result<void> send_record(int channel, const WorkerRecord& record);
/// Waits for one record. The end of the other side is the Error with errno EPIPE.
Result<DispatcherRecord> receive_dispatcher_record(int channel);
Result<WorkerRecord> receive_worker_record(int channel);

}  // namespace sluice::net
