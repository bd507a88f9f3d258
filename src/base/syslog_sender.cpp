#include "base/syslog_sender.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace sluice {

namespace {

/// Syslogd takes 8192 octets by default; stamp and tag need some of them.
constexpr std::size_t longest_text = 8000;

/// A send that finds no room in the daemon's queue gives the thread back to look at its orders.
constexpr timeval send_limit{0, 200'000};

std::string time_stamp(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(time)
    );
    std::tm local{};
    ::localtime_r(&seconds, &local);
    constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 32> out{};
    std::snprintf(
        out.data(), out.size(), "%s %2d %02d:%02d:%02d ",
        months[static_cast<std::size_t>(local.tm_mon) % months.size()], local.tm_mday,
        local.tm_hour, local.tm_min, local.tm_sec
    );
    return out.data();
}

}  // namespace

std::string syslog_packet(
    int priority, WallTime time, std::string_view ident, std::string_view text
) {
    std::string packet = '<' + std::to_string(priority) + '>' + time_stamp(time);
    packet += ident;
    packet += ": ";
    packet += text.substr(0, longest_text);
    return packet;
}

std::optional<int> syslog_facility(std::string_view name) {
    struct Facility {
        std::string_view name;
        int code;
    };
    constexpr std::array<Facility, 20> facilities = {
        {{"kern", LOG_KERN},     {"user", LOG_USER},         {"mail", LOG_MAIL},
         {"daemon", LOG_DAEMON}, {"auth", LOG_AUTH},         {"syslog", LOG_SYSLOG},
         {"lpr", LOG_LPR},       {"news", LOG_NEWS},         {"uucp", LOG_UUCP},
         {"cron", LOG_CRON},     {"authpriv", LOG_AUTHPRIV}, {"ftp", LOG_FTP},
         {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},     {"local2", LOG_LOCAL2},
         {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},     {"local5", LOG_LOCAL5},
         {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}}};
    for (const Facility& facility : facilities) {
        if (equals_ignoring_case(name, facility.name)) return facility.code;
    }
    return std::nullopt;
}

SyslogSender::SyslogSender(Settings settings) : settings_(std::move(settings)) {}

SyslogSender::~SyslogSender() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        give_up_ = system_clock().mono_now() + settings_.farewell;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SyslogSender::post(int priority, std::string_view text) {
    std::string packet = syslog_packet(priority, system_clock().wall_now(), settings_.ident, text);
    {
        const std::lock_guard lock(mutex_);
        if (octets_ + packet.size() > settings_.buffer_max) {
            ++dropped_;
            return;
        }
        octets_ += packet.size();
        packets_.push_back(std::move(packet));
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    changed_.notify_all();
}

std::uint64_t SyslogSender::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void SyslogSender::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !packets_.empty(); });
        if (packets_.empty()) return;
        if (ending_ && system_clock().mono_now() >= give_up_) return;
        const std::string packet = packets_.front();
        lock.unlock();
        const bool sent = send(packet);
        note_outcome(sent);
        lock.lock();
        if (sent) {
            octets_ -= packets_.front().size();
            packets_.pop_front();
        } else {
            changed_.wait_for(lock, ending_ ? settings_.retry_after / 10 : settings_.retry_after);
        }
    }
}

bool SyslogSender::send(const std::string& packet) {
    if (!socket_ && !connect()) return false;
    while (true) {
        const ssize_t sent = ::send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
        if (sent >= 0 || errno == EMSGSIZE) return true;  // nothing would make it fit
        if (errno == EINTR) continue;
        // The daemon has no room yet, or it is gone and a new one has another socket.
        if (errno != EAGAIN) socket_ = UniqueFd();
        return false;
    }
}

bool SyslogSender::connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (settings_.socket_path.size() >= sizeof address.sun_path) return false;
    std::copy(settings_.socket_path.begin(), settings_.socket_path.end(), address.sun_path);
    UniqueFd made(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!made) return false;
    ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(made.get(), name, sizeof address) != 0) return false;
    socket_ = std::move(made);
    return true;
}

void SyslogSender::note_outcome(bool sent) {
    if (std::exchange(failing_, !sent) == !sent) return;
    diag::warning(
        sent ? "the system log takes records again, records lost: " + std::to_string(dropped())
             : "the system log takes nothing at " + settings_.socket_path +
                   "; records are kept in memory"
    );
}

}  // namespace sluice
