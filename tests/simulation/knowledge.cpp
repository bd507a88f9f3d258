#include "knowledge.h"

#include "queue/message_name.h"

namespace sluice::simulation {

namespace {

std::string key_of(std::string_view channel, std::string_view file) {
    const std::string path = std::string(channel) + '/' + std::string(file);
    const auto location = queue::MessageLocation::parse(path);
    return location ? location->channel + '/' + location->name.unique : path;
}

}  // namespace

void Knowledge::offered(
    std::string_view channel, std::string_view file, job_controller::EnqueueResult result
) {
    const std::string key = key_of(channel, file);
    told_.insert(key.substr(channel.size() + 1));
    if (result == job_controller::EnqueueResult::tracked && !known_.insert(key).second)
        ledger_.complain(key + " is taken on a second time");
    if (result == job_controller::EnqueueResult::known && !known_.contains(key))
        ledger_.complain(key + " is said to be known");
}

void Knowledge::dropped(std::string_view channel, std::string_view file) {
    known_.erase(key_of(channel, file));
}

void Knowledge::replaced(std::string_view channel, std::string_view file, std::string_view by) {
    dropped(channel, file);
    const std::string key = key_of(channel, by);
    known_.insert(key);
    told_.insert(key.substr(channel.size() + 1));
}

void Knowledge::check(const job_controller::Scheduler& scheduler) {
    std::set<std::string> missing = known_;
    std::set<std::string> seen;
    std::size_t cursor = 0;
    const auto rows =
        scheduler.message_rows("", cursor, 1000000, timeline_.mono_now(), timeline_.wall_now());
    for (const jobs::MessageRow& row : rows) {
        const std::string key = key_of(row.channel, row.file);
        if (!seen.insert(key).second) ledger_.complain(key + " is known twice");
        if (missing.erase(key) == 0 && !known_.contains(key))
            ledger_.complain(key + " is known from nowhere");
    }
    if (!missing.empty()) ledger_.complain(*missing.begin() + " is forgotten");
}

}  // namespace sluice::simulation
