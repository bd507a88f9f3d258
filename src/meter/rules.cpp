#include "meter/rules.h"

#include <algorithm>
#include <limits>

namespace sluice::meter {

namespace {

bool window_is_open(const TableSettings& table, const Record& window, WallTime now) {
    return window.kind == Record::Kind::window && now >= window.since &&
           now - window.since < table.quota_time;
}

std::uint64_t quota_of(const TableSettings& table) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(table.quota, 0));
}

Greeted begin_waiting(const TableSettings& table, WallTime now, Greeting greeting) {
    return {{Record::Kind::waiting, now, now + table.resubmit_time, 0, {}}, greeting};
}

Greeted let_in(const TableSettings& table, WallTime now) {
    return {{Record::Kind::known, now, now + table.inactivity_time, 0, {}}, Greeting::known};
}

}  // namespace

Throttled count_event(
    const TableSettings& table, const std::optional<Record>& before, WallTime now
) {
    Throttled result;
    Record& record = result.record;
    record = {Record::Kind::window, now, now + table.quota_time, 0, {}};
    if (before && window_is_open(table, *before, now)) {
        record.since = before->since;
        record.count = before->count;
    }
    if (record.count < std::numeric_limits<std::uint64_t>::max()) ++record.count;
    result.exceeded = record.count > quota_of(table);
    if (result.exceeded && table.penalizes) record.since = now;
    record.due = record.since + table.quota_time;
    return result;
}

bool is_exceeded(const TableSettings& table, const std::optional<Record>& before, WallTime now) {
    const bool is_open = before && window_is_open(table, *before, now);
    return (is_open ? before->count : 0) >= quota_of(table);
}

Greeted greet(const TableSettings& table, const std::optional<Record>& before, WallTime now) {
    if (!before) return begin_waiting(table, now, Greeting::first_time);
    const auto age = now - before->since;
    if (before->kind == Record::Kind::known) {
        if (age <= table.inactivity_time) return let_in(table, now);
        return begin_waiting(table, now, Greeting::first_time);
    }
    if (before->kind != Record::Kind::waiting || age < age.zero())
        return begin_waiting(table, now, Greeting::first_time);
    if (age < table.block_time) return {*before, Greeting::too_soon};
    if (age <= table.resubmit_time) return let_in(table, now);
    return begin_waiting(table, now, Greeting::too_late);
}

std::string_view remark_of(Greeting greeting) {
    switch (greeting) {
        case Greeting::first_time:
        case Greeting::too_late:
            return "GREY first time";
        case Greeting::too_soon:
            return "GREY too soon";
        case Greeting::known:
            break;
    }
    return "OK known";
}

}  // namespace sluice::meter
