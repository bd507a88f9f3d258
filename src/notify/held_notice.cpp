#include "notify/held_notice.h"

#include <algorithm>
#include <map>

#include "message/date.h"
#include "notify/texts.h"

namespace sluice::notify {

namespace {

constexpr std::size_t most_named = 50;

std::string keyword_of(const HeldMessage& message) {
    const std::string keyword = message.reason.substr(0, message.reason.find_first_of(": "));
    return keyword.empty() ? "unknown" : clean_text(keyword, 40);
}

std::string counts(const std::vector<HeldMessage>& held) {
    std::map<std::string, std::size_t> by_reason;
    for (const HeldMessage& message : held) ++by_reason[keyword_of(message)];
    std::string out;
    for (const auto& [reason, count] : by_reason) {
        std::string number = std::to_string(count);
        number.insert(0, number.size() < 8 ? 8 - number.size() : 0, ' ');
        out += number + "  " + reason + '\n';
    }
    if (by_reason.contains("loop")) {
        out +=
            "\nMail that goes in circles: two accounts that forward to each other, a name of "
            "this\nhost that the rewrite rules do not know, or two hosts each of which takes "
            "the\nother for the last one. Released, it is held again until that is mended.\n";
    }
    return out;
}

}  // namespace

std::size_t reminders_due(
    const std::vector<HeldMessage>& held, const Reminders& reminders, WallTime told, WallTime now
) {
    if (reminders.every.count() <= 0) return 0;
    const auto steps_until = [&](const HeldMessage& message, WallTime time) -> std::int64_t {
        const auto waited = std::max(time - message.since, WallTime::duration(0));
        return std::min<std::int64_t>(waited / reminders.every, reminders.most);
    };
    return static_cast<std::size_t>(std::count_if(
        held.begin(), held.end(),
        [&](const HeldMessage& message) {
            return !message.of_nobody && steps_until(message, now) > steps_until(message, told);
        }
    ));
}

std::string held_notice_text(
    std::vector<HeldMessage> held, const std::string& reporting_mta, const TimeZone& zone
) {
    std::stable_sort(held.begin(), held.end(), [](const HeldMessage& a, const HeldMessage& b) {
        return a.since < b.since;
    });
    std::string out = "Messages that are held at " + clean_text(reporting_mta, 255) +
                      ". Neither their senders nor their\nrecipients know of it.\n\n" +
                      counts(held) + '\n';
    const std::size_t named = std::min(held.size(), most_named);
    for (std::size_t i = 0; i < named; ++i) {
        out += message::format_date(held[i].since, zone) + "  " + clean_text(held[i].file, 300) +
               '\n' + wrapped_line("   ", clean_text(held[i].reason, 300));
    }
    if (named < held.size()) out += "and " + std::to_string(held.size() - named) + " more\n";
    return out + "\nimsimta qm held lists them; imsimta qm release, return and delete decide.\n";
}

}  // namespace sluice::notify
