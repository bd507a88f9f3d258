#include "net/handoff.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "net/fields.h"

namespace sluice::net {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void append_endpoint(std::string& packet, const Endpoint& endpoint) {
    append_field(packet, endpoint.address.to_string());
    append_field(packet, endpoint.port);
}

std::optional<Endpoint> parse_endpoint(std::string_view address, std::string_view port) {
    const auto ip = IpAddress::parse(address);
    const auto number = parse_unsigned(port);
    if (!ip || !number || *number > 65535) return std::nullopt;
    return Endpoint{*ip, static_cast<std::uint16_t>(*number)};
}

Error malformed(std::string_view packet) {
    return Error::temporary(
        {4, 3, 0}, "local system error", "malformed hand-over record: " + printable(packet)
    );
}

Result<DispatcherRecord> decode_connection(
    const std::vector<std::string_view>& fields, std::string_view packet, UniqueFd socket
) {
    if (fields.size() != 12) return malformed(packet);
    const auto id = parse_unsigned(fields[1]);
    const auto local = parse_endpoint(fields[3], fields[4]);
    const auto remote = parse_endpoint(fields[5], fields[6]);
    const auto accepted = parse_signed(fields[8]);
    if (!id || !local || !remote || !accepted) return malformed(packet);
    HandedConnection connection;
    connection.id = *id;
    connection.service = unescaped(fields[2]);
    connection.local = *local;
    connection.remote = *remote;
    connection.tls_at_once = fields[7] == "1";
    connection.accepted = WallTime(std::chrono::microseconds(*accepted));
    connection.access_text = unescaped(fields[9]);
    connection.access_log_text = unescaped(fields[10]);
    connection.access_effects = unescaped(fields[11]);
    connection.socket = std::move(socket);
    return DispatcherRecord(std::move(connection));
}

Result<void> send_packet(int channel, const std::string& packet, int attached) {
    if (packet.size() > handoff_packet_limit) return Error::from_errno(EMSGSIZE, "hand over");
    iovec part{const_cast<char*>(packet.data()), packet.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (attached >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &attached, sizeof(int));
    }
    while (::sendmsg(channel, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) return Error::from_errno(errno, "hand over");
    }
    return {};
}

struct Packet {
    std::string bytes;
    UniqueFd attached;
};

Result<Packet> receive_packet(int channel) {
    std::array<char, handoff_packet_limit> buffer;
    iovec part{buffer.data(), buffer.size()};
    // Room for more descriptors than are ever sent: surplus ones must be closed, not leaked.
    constexpr std::size_t most = 8;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size = 0;
    while ((size = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC)) < 0) {
        if (errno != EINTR) return Error::from_errno(errno, "receive hand-over record");
    }
    Packet packet;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            packet.attached.reset(fd);
        }
    }
    if (size == 0) return Error::from_errno(EPIPE, "receive hand-over record");
    if ((message.msg_flags & MSG_TRUNC) != 0)
        return Error::from_errno(EMSGSIZE, "receive hand-over record");
    packet.bytes.assign(buffer.data(), static_cast<std::size_t>(size));
    return packet;
}

}  // namespace

namespace {

// More channels than fit are all of them: that they are slowed down needlessly does no harm.
std::string encode_pressure(const PressureOrder& pressure) {
    const auto encoded = [&](const std::vector<std::string>& channels) {
        std::string packet = "PRESSURE";
        append_field(packet, pressure.stressed ? "1" : "0");
        for (const std::string& channel : channels) append_field(packet, channel);
        return packet;
    };
    std::string packet = encoded(pressure.channels_behind);
    return packet.size() <= handoff_packet_limit ? packet : encoded({"*"});
}

PressureOrder decode_pressure(const std::vector<std::string_view>& fields) {
    PressureOrder pressure;
    pressure.stressed = fields[1] == "1";
    for (std::size_t i = 2; i < fields.size(); ++i)
        pressure.channels_behind.push_back(unescaped(fields[i]));
    return pressure;
}

}  // namespace

std::string encode(const DispatcherRecord& record) {
    return std::visit(
        Overloaded{
            [](const HandedConnection& connection) {
                std::string packet = "CONN";
                append_field(packet, connection.id);
                append_field(packet, connection.service);
                append_endpoint(packet, connection.local);
                append_endpoint(packet, connection.remote);
                append_field(packet, connection.tls_at_once ? "1" : "0");
                append_field(
                    packet, std::to_string(connection.accepted.time_since_epoch().count())
                );
                append_field(packet, connection.access_text);
                append_field(packet, connection.access_log_text);
                append_field(packet, connection.access_effects);
                return packet;
            },
            [](const RetireOrder&) { return std::string("RETIRE"); },
            [](const ReloadOrder&) { return std::string("RELOAD"); },
            [](const PressureOrder& pressure) { return encode_pressure(pressure); },
        },
        record
    );
}

std::string encode(const WorkerRecord& record) {
    return std::visit(
        Overloaded{
            [](const WorkerReady&) { return std::string("READY"); },
            [](const ConnectionAccepted& accepted) {
                std::string packet = "ACK";
                append_field(packet, accepted.id);
                return packet;
            },
            [](const ConnectionDone& done) {
                std::string packet = "DONE";
                append_field(packet, done.id);
                append_field(packet, done.bytes_in);
                append_field(packet, done.bytes_out);
                append_field(packet, done.outcome);
                return packet;
            },
            [](const WorkerHeartbeat&) { return std::string("BEAT"); },
            [](const WorkerGoing&) { return std::string("GOING"); },
            [](const WorkerReloaded& reloaded) {
                std::string packet = "RELOADED";
                append_field(packet, reloaded.taken ? "1" : "0");
                append_field(packet, reloaded.generation);
                append_field(packet, reloaded.text);
                return packet;
            },
        },
        record
    );
}

Result<DispatcherRecord> decode_dispatcher_record(std::string_view packet, UniqueFd socket) {
    const auto fields = split(packet, '\t');
    if (fields[0] == "CONN") return decode_connection(fields, packet, std::move(socket));
    if (packet == "RETIRE") return DispatcherRecord(RetireOrder{});
    if (packet == "RELOAD") return DispatcherRecord(ReloadOrder{});
    if (fields[0] == "PRESSURE" && fields.size() >= 2)
        return DispatcherRecord(decode_pressure(fields));
    return malformed(packet);
}

Result<WorkerRecord> decode_worker_record(std::string_view packet) {
    const auto fields = split(packet, '\t');
    if (packet == "READY") return WorkerRecord(WorkerReady{});
    if (packet == "BEAT") return WorkerRecord(WorkerHeartbeat{});
    if (packet == "GOING") return WorkerRecord(WorkerGoing{});
    if (fields[0] == "RELOADED" && fields.size() == 4) {
        const auto generation = parse_unsigned(fields[2]);
        if (generation)
            return WorkerRecord(WorkerReloaded{fields[1] == "1", *generation, unescaped(fields[3])}
            );
    }
    const auto id = fields.size() > 1 ? parse_unsigned(fields[1]) : std::nullopt;
    if (fields[0] == "ACK" && fields.size() == 2 && id)
        return WorkerRecord(ConnectionAccepted{*id});
    if (fields[0] == "DONE" && fields.size() == 5 && id) {
        const auto in = parse_unsigned(fields[2]);
        const auto out = parse_unsigned(fields[3]);
        if (in && out) return WorkerRecord(ConnectionDone{*id, *in, *out, unescaped(fields[4])});
    }
    return malformed(packet);
}

Result<std::pair<UniqueFd, UniqueFd>> make_handoff_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return Error::from_errno(errno, "make hand-over channel");
    }
    return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Result<void> send_record(int channel, const DispatcherRecord& record) {
    const auto* connection = std::get_if<HandedConnection>(&record);
    return send_packet(
        channel, encode(record), connection != nullptr ? connection->socket.get() : -1
    );
}

Result<void> send_record(int channel, const WorkerRecord& record) {
    return send_packet(channel, encode(record), -1);
}

Result<DispatcherRecord> receive_dispatcher_record(int channel) {
    auto packet = receive_packet(channel);
    if (!packet) return std::move(packet).error();
    return decode_dispatcher_record(packet->bytes, std::move(packet->attached));
}

Result<WorkerRecord> receive_worker_record(int channel) {
    const auto packet = receive_packet(channel);
    if (!packet) return packet.error();
    return decode_worker_record(packet->bytes);
}

}  // namespace sluice::net
