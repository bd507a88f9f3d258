#include "base/syslog_sender.h"

#include <syslog.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/bytes.h"

namespace sluice {

namespace {

/// Syslogd takes 8192 octets by default; stamp and tag need some of them.
constexpr std::size_t longest_text = 8000;

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

SyslogSender::SyslogSender(Settings settings)
    : ident_(std::move(settings.ident)),
      sender_(
          {std::move(settings.socket_path), "the system log", settings.buffer_max,
           settings.farewell, settings.retry_after}
      ) {}

void SyslogSender::post(int priority, std::string_view text) {
    sender_.post(syslog_packet(priority, system_clock().wall_now(), ident_, text));
}

}  // namespace sluice
