#include "base/system_log.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/syslog_sender.h"
#include "base/unique_fd.h"

namespace sluice {

SyslogSocket::SyslogSocket(std::string path, std::size_t longest)
    : path_(std::move(path)), longest_(longest) {}

void SyslogSocket::notice(std::string_view text) {
    const std::string ident =
        std::string(program_invocation_short_name) + '[' + std::to_string(::getpid()) + ']';
    write(LOG_USER | LOG_NOTICE, ident, text);
}

void SyslogSocket::write(int priority, std::string_view ident, std::string_view text) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) return;
    std::copy(path_.begin(), path_.end(), address.sun_path);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return;
    std::string packet = syslog_packet(priority, system_clock().wall_now(), ident, text);
    std::replace_if(packet.begin(), packet.end(), is_control, ' ');
    packet.resize(std::min(packet.size(), longest_));
    // Best effort: there is nobody to tell that the log is not there.
    [[maybe_unused]] const ssize_t sent = ::sendto(
        socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
        reinterpret_cast<const sockaddr*>(&address), sizeof address
    );
}

namespace {

SyslogSocket& machine_log() {
    static SyslogSocket log("/dev/log");
    return log;
}

}  // namespace

SystemLog& system_log() {
    return machine_log();
}

void use_system_log(const std::string& socket_path) {
    machine_log().set_path(socket_path);
}

}  // namespace sluice
