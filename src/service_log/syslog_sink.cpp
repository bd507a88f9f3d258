#include "service_log/syslog_sink.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/unique_fd.h"

namespace sluice::service_log {

namespace {

/// Daemons take 8192 octets by default; stamp and tag need some of them.
constexpr std::size_t longest_text = 8000;
constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void send_packet(const std::string& path, const std::string& packet) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return;
    std::copy(path.begin(), path.end(), address.sun_path);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return;
    // There is nobody to tell that the log is not there.
    [[maybe_unused]] const ssize_t sent = ::sendto(
        socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
        reinterpret_cast<const sockaddr*>(&address), sizeof address
    );
}

}  // namespace

// RFC 3164 section 4.1: the form that every syslogd takes on its local socket.
std::string syslog_packet(
    int priority, WallTime time, const TimeZone& zone, std::string_view tag, std::string_view text
) {
    const CivilTime local = civil_time(time, zone);
    std::array<char, 64> stamp{};
    std::snprintf(
        stamp.data(), stamp.size(), "<%d>%s %2u %02u:%02u:%02u ", priority, months[local.month - 1],
        local.day, local.hour, local.minute, local.second
    );
    return stamp.data() + std::string(tag) + ": " + std::string(text.substr(0, longest_text));
}

SyslogSink syslog_to(std::string path, std::string process) {
    const std::string tag = process + '[' + std::to_string(::getpid()) + ']';
    return [path = std::move(path), tag](int priority, std::string_view text) {
        const WallTime now = system_clock().wall_now();
        send_packet(path, syslog_packet(priority, now, TimeZone::system(), tag, text));
    };
}

}  // namespace sluice::service_log
