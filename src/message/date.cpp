#include "message/date.h"

#include <array>
#include <string_view>

namespace sluice::message {

namespace {

std::string two_digits(unsigned value) {
    return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

}  // namespace

std::string format_date(WallTime time, const TimeZone& zone) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
    const CivilTime local = civil_time(time, zone);
    const auto minutes = std::chrono::floor<std::chrono::minutes>(std::chrono::abs(local.offset));
    const auto east = static_cast<unsigned>(minutes.count());
    std::string out(days[local.weekday]);
    out += ", " + two_digits(local.day) + ' ';
    out += months[local.month - 1];
    out += ' ' + std::to_string(local.year) + ' ';
    out += two_digits(local.hour) + ':' + two_digits(local.minute) + ':' + two_digits(local.second);
    out += local.offset.count() < 0 ? " -" : " +";
    return out + two_digits(east / 60) + two_digits(east % 60);
}

}  // namespace sluice::message
