#include "base/system_log.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace sluice {

namespace {

/// What syslogd takes as one message everywhere (RFC 3164 section 4.1).
constexpr std::size_t longest_packet = 1024;

/// "Nov 21 11:22:33 ", in local time as syslogd expects it.
std::string time_stamp() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    static const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char time[32];
    std::snprintf(
        time, sizeof time, "%s %2d %02d:%02d:%02d ", months[local.tm_mon % 12], local.tm_mday,
        local.tm_hour, local.tm_min, local.tm_sec
    );
    return time;
}

}  // namespace

SyslogSocket::SyslogSocket(std::string path) : path_(std::move(path)) {}

void SyslogSocket::notice(std::string_view text) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) return;
    std::copy(path_.begin(), path_.end(), address.sun_path);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return;
    std::string packet = '<' + std::to_string(LOG_USER | LOG_NOTICE) + '>' + time_stamp() +
                         program_invocation_short_name + '[' + std::to_string(::getpid()) + "]: ";
    packet += text;
    std::replace_if(packet.begin(), packet.end(), is_control, ' ');
    packet.resize(std::min(packet.size(), longest_packet));
    // Best effort: there is nobody to tell that the log is not there.
    [[maybe_unused]] const ssize_t sent = ::sendto(
        socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
        reinterpret_cast<const sockaddr*>(&address), sizeof address
    );
}

SystemLog& system_log() {
    static SyslogSocket log("/dev/log");
    return log;
}

}  // namespace sluice
