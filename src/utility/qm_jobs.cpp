// imsimta qm messages, jobs, start, stop: what the job controller does with the queue.
#include <map>

#include "base/bytes.h"
#include "jobs/hold_list.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

bool is_set(WallTime time) {
    return time.time_since_epoch().count() != 0;
}

std::string clock_time(WallTime time) {
    return is_set(time) ? qm_date(time, TimeZone::system()).substr(12) : "";
}

// --- messages ---

std::string host_line(
    std::string_view host,
    std::string_view active,
    std::string_view delayed,
    std::string_view next,
    std::string_view reason
) {
    std::string line = pad_right(host, 26) + ' ' + pad_left(active, 15) + "  " +
                       pad_left(delayed, 16) + "  " + pad_right(next, 8) + "  " +
                       std::string(reason);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

void print_host(Console& console, const jobs::HostRow& row, bool json, bool stopped, bool detail) {
    if (!json) {
        console.line(host_line(
            row.host.empty() ? "(any)" : printable_text(row.host), std::to_string(row.active),
            std::to_string(row.delayed), detail ? clock_time(row.next_try) : "",
            detail ? printable_text(row.reason) : ""
        ));
        return;
    }
    JsonLine out;
    out.add("channel", row.channel)
        .add("host", row.host)
        .add("active", std::uint64_t{row.active})
        .add("delayed", std::uint64_t{row.delayed})
        .add("threads", std::uint64_t{row.threads})
        .add("down", row.down)
        .add("stopped", stopped);
    if (is_set(row.next_try)) out.add("next_try", row.next_try);
    if (!row.reason.empty()) out.add("reason", row.reason);
    console.line(out.to_string());
}

ExitCode messages(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const std::string pattern = to_lower(invocation.line().parameters().front());
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    std::map<std::string, jobs::ChannelRow> channels;
    std::map<std::string, std::map<std::string, jobs::HostRow>> hosts;
    const std::string asked = has_wildcard(pattern) ? "" : pattern;
    auto listed = (*controller)->list_channels(asked, [&](const jobs::ChannelRow& row) {
        if (matches_wildcard(pattern, row.channel)) channels.emplace(row.channel, row);
    });
    if (listed) {
        listed = (*controller)->list_hosts(asked, [&](const jobs::HostRow& row) {
            hosts[row.channel].emplace(row.host, row);
        });
    }
    if (!listed) return report_no_controller(console, listed.error());
    if (channels.empty()) {
        console.error(facility, "NOCHANNEL", "no channel " + pattern);
        return ExitCode::not_found;
    }
    const auto held = jobs::read_hold_list(jobs::hold_list_path(runtime.store().root()));
    const bool json = invocation.line().has("json");
    const bool detail = invocation.line().has("detail") ||
                        (console.can_ask() && !invocation.line().is_negated("detail"));
    for (const auto& [name, channel] : channels) {
        const bool stopped = channel.stopped || (held && held->contains(name));
        if (!json) {
            if (channels.size() > 1 || stopped) {
                console.line("Channel: " + printable_text(name) + (stopped ? "  STOPPED" : ""));
            }
            if (!invocation.line().is_negated("heading")) {
                console.line(host_line(
                    "host", "active messages", "delayed messages", detail ? "next try" : "",
                    detail ? "reason" : ""
                ));
            }
        }
        for (const auto& [host, row] : hosts[name]) print_host(console, row, json, stopped, detail);
        if (!json && channel.untracked) {
            console.line("(more files are on disk than MAX_MESSAGES lets the job controller track)"
            );
        }
    }
    return ExitCode::done;
}

// --- jobs ---

void print_job(
    Console& console,
    const jobs::JobRow& job,
    const std::map<std::string, std::vector<jobs::MessageRow>>& by_host
) {
    console.line(
        "  job " + std::to_string(job.job) + ", process " + std::to_string(job.pid) + ", " +
        std::to_string(job.threads) + " threads" + (job.retiring ? ", ending" : "")
    );
    for (const auto& [host, rows] : by_host) {
        console.line(
            "    host " + (host.empty() ? "(any)" : printable_text(host)) + ": " +
            std::to_string(rows.size()) + " messages"
        );
        for (const auto& row : rows) console.line("      " + printable_text(row.file));
    }
    console.line("    processed messages: " + std::to_string(job.processed));
    console.line("    failed processing attempts: " + std::to_string(job.failed));
}

void print_job_json(Console& console, const jobs::JobRow& job) {
    JsonLine out;
    out.add("channel", job.channel)
        .add("job", std::uint64_t{job.job})
        .add("pid", std::uint64_t{job.pid})
        .add("threads", std::uint64_t{job.threads})
        .add("in_progress", std::uint64_t{job.in_progress})
        .add("processed", job.processed)
        .add("failed", job.failed)
        .add("age_seconds", std::uint64_t{job.age})
        .add("retiring", job.retiring);
    console.line(out.to_string());
}

ExitCode jobs_listing(Invocation& invocation, QmSession& session, enqueue::Runtime& /*runtime*/) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const std::string pattern =
        line.parameters().empty() ? "*" : to_lower(line.parameters().front());
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    const std::string asked = has_wildcard(pattern) ? "" : pattern;
    std::map<std::string, std::vector<jobs::JobRow>> by_channel;
    // Messages in progress by process and host.
    std::map<std::uint32_t, std::map<std::string, std::vector<jobs::MessageRow>>> work;
    auto listed = (*controller)->list_jobs(asked, [&](const jobs::JobRow& row) {
        if (matches_wildcard(pattern, row.channel)) by_channel[row.channel].push_back(row);
    });
    const bool json = line.has("json");
    if (listed && !json) {
        listed = (*controller)->list_messages(asked, [&](const jobs::MessageRow& row) {
            if (row.state == jobs::MessageState::in_progress)
                work[row.pid][row.host].push_back(row);
        });
    }
    if (!listed) return report_no_controller(console, listed.error());
    for (const auto& [channel, rows] : by_channel) {
        if (!json) console.line("Channel: " + printable_text(channel));
        for (const jobs::JobRow& row : rows) {
            if (json) {
                print_job_json(console, row);
            } else {
                print_job(console, row, work[row.pid]);
            }
        }
        if (!json) console.line("  jobs: " + std::to_string(rows.size()));
    }
    if (!json) console.line("active channels: " + std::to_string(by_channel.size()));
    return ExitCode::done;
}

// --- start, stop ---

template <bool Stop>
ExitCode set_stopped(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const std::string channel = to_lower(invocation.line().parameters().front());
    const std::string path = jobs::hold_list_path(runtime.store().root());
    const bool configured = runtime.configuration().imta.channels.find(channel) != nullptr;
    const auto list = jobs::read_hold_list(path);
    // A channel that is gone may still be on the list.
    if (!configured && (Stop || !list || !list->contains(channel))) {
        console.error(facility, "NOCHANNEL", "no channel " + channel + " is configured");
        return ExitCode::not_found;
    }
    write_audit(invocation, session, runtime);
    const auto changed = jobs::change_hold_list(path, channel, Stop);
    if (!changed) {
        console.error(
            facility, Stop ? "NOTSTOPPED" : "NOTSTARTED",
            std::string("unable to ") + (Stop ? "stop" : "start") +
                " the channel; cannot update the hold list: " + changed.error().detail()
        );
        return ExitCode::failed;
    }
    if (const auto controller = session.controller()) {
        const auto told =
            Stop ? (*controller)->stop_channel(channel) : (*controller)->start_channel(channel);
        if (!told) {
            console.warning(
                facility, "NOTTOLD", "the job controller did not take note: " + told.error().text()
            );
            return ExitCode::partly_done;
        }
    } else {
        console.info(
            facility, "NOJBC", "the job controller does not answer; it will obey when it starts"
        );
    }
    console.info(
        facility, Stop ? "STOPPED" : "STARTED",
        "channel " + channel + (Stop ? " is stopped" : " is started") +
            (*changed ? "" : ", as it was before")
    );
    return ExitCode::done;
}

constexpr Switch json_only[] = {
    {"json", Switch::Value::none, "one JSON object a line"},
};
constexpr Switch messages_switches[] = {
    {"detail", Switch::Value::none, "next try and reason too; at a terminal unless -nodetail"},
    {"heading", Switch::Value::none, "the line on top (default)"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command qm_messages_command = {
    .name = "messages",
    .summary = "count a channel's messages by destination host",
    .parameters = "channel",
    .switches = messages_switches,
    .least_parameters = 1,
    .most_parameters = 1,
    .run = with_queue<messages>,
};

const Command qm_jobs_command = {
    .name = "jobs",
    .summary = "list running jobs and what they work on",
    .parameters = "[channel]",
    .switches = json_only,
    .most_parameters = 1,
    .run = with_queue<jobs_listing>,
};

const Command qm_start_command = {
    .name = "start",
    .summary = "let a stopped channel deliver again",
    .parameters = "channel",
    .switches = {},
    .least_parameters = 1,
    .most_parameters = 1,
    .run = with_queue<set_stopped<false>>,
};

const Command qm_stop_command = {
    .name = "stop",
    .summary = "stop a channel: nothing is delivered from its queue",
    .parameters = "channel",
    .switches = {},
    .least_parameters = 1,
    .most_parameters = 1,
    .run = with_queue<set_stopped<true>>,
};

}  // namespace sluice::utility
