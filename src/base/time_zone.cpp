#include "base/time_zone.h"

#include <ctime>

namespace sluice {

std::chrono::seconds TimeZone::offset_at(WallTime time) const {
    if (!system_) return east_;
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm fields{};
    if (::localtime_r(&seconds, &fields) == nullptr) return {};
    return std::chrono::seconds(fields.tm_gmtoff);
}

std::string TimeZone::name_at(WallTime time) const {
    if (!system_) return east_.count() == 0 ? "UTC" : "";
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm fields{};
    if (::localtime_r(&seconds, &fields) == nullptr || fields.tm_zone == nullptr) return {};
    return fields.tm_zone;
}

CivilTime civil_time(WallTime time, const TimeZone& zone) {
    CivilTime out;
    out.offset = zone.offset_at(time);
    const WallTime local = time + out.offset;
    const auto midnight = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(local - midnight);
    out.year = static_cast<int>(date.year());
    out.month = static_cast<unsigned>(date.month());
    out.day = static_cast<unsigned>(date.day());
    out.weekday = std::chrono::weekday(midnight).c_encoding();
    out.hour = static_cast<unsigned>(clock.hours().count());
    out.minute = static_cast<unsigned>(clock.minutes().count());
    out.second = static_cast<unsigned>(clock.seconds().count());
    out.microsecond = static_cast<unsigned>(clock.subseconds().count());
    return out;
}

}  // namespace sluice
