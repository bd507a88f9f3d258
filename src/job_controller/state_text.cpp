#include "job_controller/state_text.h"

#include "base/bytes.h"

namespace sluice::job_controller {

namespace {

std::string count(std::uint64_t number, const char* what) {
    return std::to_string(number) + ' ' + what;
}

std::string seconds_until(WallTime time, WallTime wall) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(time - wall);
    return std::to_string(left.count()) + " s";
}

std::string channel_line(const jobs::ChannelRow& row) {
    std::string line = "walk: channel " + row.channel + ", pool " + row.pool + ": " +
                       count(row.ready, "ready, ") + count(row.in_progress, "in progress, ") +
                       count(row.delayed, "delayed, ") + count(row.size, "octets, ") +
                       count(row.jobs, "jobs, ") + count(row.threads, "threads");
    if (row.stopped) line += ", stopped";
    if (row.suspended) line += ", starts suspended";
    if (row.untracked) line += ", more on disk";
    return line;
}

std::string job_line(const jobs::JobRow& row) {
    std::string line = "walk: job " + std::to_string(row.job) + " of " + row.channel +
                       ", process " + std::to_string(row.pid) + ": " +
                       count(row.threads, "threads, ") + count(row.in_progress, "in progress, ") +
                       count(row.processed, "processed, ") + count(row.failed, "failed, ") +
                       count(row.age, "s old");
    return row.retiring ? line + ", ending" : line;
}

std::string host_line(const jobs::HostRow& row, WallTime wall) {
    std::string line = "walk: host " + printable(row.host.empty() ? "(any)" : row.host) + " of " +
                       row.channel + ": " + count(row.active, "active, ") +
                       count(row.delayed, "delayed, ") + count(row.threads, "threads");
    if (row.down) line += ", down";
    if (row.next_try.time_since_epoch().count() != 0)
        line += ", next try in " + seconds_until(row.next_try, wall);
    if (!row.reason.empty()) line += ", " + printable(row.reason);
    return line;
}

}  // namespace

std::vector<std::string> state_text(
    const Scheduler& scheduler, MonoTime now, WallTime wall, std::size_t most_hosts
) {
    std::vector<std::string> lines;
    for (const jobs::StatusRow& row : scheduler.status_rows())
        lines.push_back("walk: " + row.name + ' ' + std::to_string(row.value));
    for (const jobs::ChannelRow& row : scheduler.channel_rows({}, now, wall))
        lines.push_back(channel_line(row));
    for (const jobs::JobRow& row : scheduler.job_rows({}, now)) lines.push_back(job_line(row));
    Scheduler::HostCursor cursor;
    for (const jobs::HostRow& row : scheduler.host_rows({}, cursor, most_hosts, now, wall))
        lines.push_back(host_line(row, wall));
    return lines;
}

std::string text_of(const jobs::Change& change) {
    static constexpr const char* names[] = {
        "debug", "MAX_MESSAGES", "thread depth", "job limit", "master command"};
    std::string text = names[static_cast<std::size_t>(change.setting)];
    if (!change.channel.empty()) text += " of " + printable(change.channel);
    return text + " to " + printable(change.value);
}

}  // namespace sluice::job_controller
