#include "dequeue/held_notice.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "dequeue/postmaster_notice.h"
#include "notify/held_notice.h"
#include "queue/message_file.h"
#include "queue/scan.h"

namespace sluice::dequeue {

namespace {

/// Once a day: a run that comes every night may begin a little earlier than the one before.
constexpr std::chrono::minutes tell_again{23 * 60 + 30};

Result<std::vector<notify::HeldMessage>> held_messages(queue::Store& store) {
    std::vector<queue::MessageLocation> files;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& message) {
        if (message.name.state() != queue::MessageState::eligible)
            files.push_back(message.location());
    };
    if (auto scanned = queue::scan_queue(store, visitor); !scanned)
        return std::move(scanned).error();
    std::vector<notify::HeldMessage> held;
    for (const queue::MessageLocation& location : files) {
        const auto since = queue::last_attempt_time(store, location);
        if (!since) continue;  // released meanwhile
        auto file = queue::MessageFile::open(store, location, queue::Access::read);
        const auto reason = file ? file->hold_reason() : Result<std::string>("damage");
        // Told of at once, a report that could not be delivered would be followed by the next.
        const bool of_nobody = file && file->envelope().sender.empty();
        held.push_back({location.relative_path(), reason ? *reason : "damage", *since, of_nobody});
    }
    return held;
}

/// Microseconds since the epoch; a file that cannot be read tells of nothing.
WallTime last_told(const std::string& path) {
    const auto text = read_file(path, 64);
    const auto when =
        text ? parse_unsigned(std::string_view(*text).substr(0, text->find('\n'))) : std::nullopt;
    return WallTime(std::chrono::microseconds(when.value_or(0)));
}

bool is_due(const std::vector<notify::HeldMessage>& held, WallTime told, WallTime now) {
    // A clock that was set back must not silence us.
    if (told > now || now - told >= tell_again) return true;
    return std::any_of(held.begin(), held.end(), [&](const notify::HeldMessage& message) {
        return !message.of_nobody && message.since > told && message.since <= now;
    });
}

/// Of those that he was told about and that wait still.
std::size_t due_reminders(
    const config::Options& options,
    const std::vector<notify::HeldMessage>& held,
    WallTime told,
    WallTime now
) {
    if (told == WallTime{}) return 0;
    const notify::Reminders reminders{
        options.duration(config::OptionId::held_renotify),
        static_cast<std::uint32_t>(options.integer(config::OptionId::held_renotify_max))};
    return notify::reminders_due(held, reminders, told, now);
}

std::string subject_of(std::size_t held, std::size_t reminders) {
    if (reminders == 0) return "Messages are held: " + std::to_string(held);
    return "RENOTIFICATION: " + std::to_string(reminders) + " of " + std::to_string(held) +
           " held messages still wait";
}

Result<void> tell(
    enqueue::Runtime& runtime, std::vector<notify::HeldMessage> held, std::size_t reminders
) {
    const std::string subject = subject_of(held.size(), reminders);
    return tell_postmaster(
        runtime, runtime.configuration(), subject,
        [&](const std::string& reporting_mta) {
            return notify::held_notice_text(std::move(held), reporting_mta, runtime.site().zone);
        }
    );
}

}  // namespace

Result<HeldReport> report_held_messages(enqueue::Runtime& runtime) {
    const std::string path =
        runtime.configuration().tailor.path(config::TailorEntry::run) + "held_notice";
    const WallTime now = runtime.store().clock().wall_now();
    auto held = held_messages(runtime.store());
    if (!held) return std::move(held).error();
    HeldReport report{held->size(), false};
    const WallTime before = last_told(path);
    const std::size_t reminders =
        due_reminders(runtime.configuration().options, *held, before, now);
    if (held->empty() || (reminders == 0 && !is_due(*held, before, now))) return report;
    if (auto told = tell(runtime, std::move(*held), reminders); !told)
        return std::move(told).error();
    report.told = true;
    const auto when = std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch());
    if (auto noted = replace_file(path, std::to_string(when.count()) + '\n'); !noted)
        return std::move(noted).error();
    return report;
}

}  // namespace sluice::dequeue
