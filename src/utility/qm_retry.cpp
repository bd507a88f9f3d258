// imsimta qm retry, hosts: destinations, and messages that are to be tried now.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_change.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

bool is_set(WallTime time) {
    return time.time_since_epoch().count() != 0;
}

/// The hosts of all channels that fit both patterns; empty patterns fit everything.
Result<std::vector<jobs::HostRow>> find_hosts(
    jobs::ControlClient& controller, const std::string& channel, const std::string& host
) {
    const bool one_channel = !channel.empty() && !has_wildcard(channel);
    std::vector<jobs::HostRow> rows;
    auto listed =
        controller.list_hosts(one_channel ? channel : std::string(), [&](const jobs::HostRow& row) {
            if (!channel.empty() && !matches_wildcard(channel, row.channel)) return;
            if (host.empty() || matches_wildcard(host, row.host)) rows.push_back(row);
        });
    if (!listed) return std::move(listed).error();
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.channel, a.host) < std::tie(b.channel, b.host);
    });
    return rows;
}

ExitCode refused(Console& console, const Error& error) {
    if (!error.is_permanent()) return report_no_controller(console, error);
    console.error(facility, "REFUSED", error.text());
    return ExitCode::not_found;
}

std::string lower_value(const CommandLine& line, std::string_view name) {
    return to_lower(line.value(name).value_or(""));
}

// --- retry ---

/// Whole hosts or channels: the job controller knows what belongs to them.
ExitCode retry_hosts(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    const std::string host = lower_value(invocation.line(), "host");
    const auto rows = find_hosts(**controller, lower_value(invocation.line(), "channel"), host);
    if (!rows) return refused(console, rows.error());
    if (rows->empty()) {
        console.warning(facility, "NOMATCH", "no such host has mail waiting");
        return ExitCode::not_found;
    }
    write_audit(invocation, session, runtime);
    std::set<std::pair<std::string, std::string>> asked;
    std::uint64_t messages = 0;
    for (const jobs::HostRow& row : *rows) {
        jobs::Run request;
        request.channel = row.channel;
        if (!host.empty()) request.host = row.host;
        if (!asked.emplace(request.channel, request.host).second) continue;
        const auto concerned = (*controller)->run(request);
        if (!concerned) return refused(console, concerned.error());
        messages += *concerned;
    }
    if (invocation.line().has("json")) {
        JsonLine json;
        json.add("action", "retry").add("hosts", std::uint64_t{rows->size()});
        console.line(json.add("messages", messages).to_string());
    } else {
        console.info(
            facility, "READY",
            std::to_string(messages) + " delayed messages for " + std::to_string(rows->size()) +
                " hosts are tried now"
        );
    }
    return ExitCode::done;
}

ExitCode retry(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    const CommandLine& line = invocation.line();
    const bool by_host = line.value("host") || line.value("channel");
    static constexpr std::string_view whole_hosts[] = {"host", "channel", "json", "log", "confirm"};
    const auto given = line.switches();
    const bool nothing_else = std::all_of(given.begin(), given.end(), [](std::string_view name) {
        return std::find(std::begin(whole_hosts), std::end(whole_hosts), name) !=
               std::end(whole_hosts);
    });
    if (by_host && nothing_else && line.parameters().empty())
        return retry_hosts(invocation, session, runtime);
    const auto controller = session.controller();
    if (!controller) return report_no_controller(invocation.console(), controller.error());
    return MessageChange(invocation, session, runtime, Action::retry).run(TargetRules{});
}

// --- hosts ---

std::string moment(WallTime time) {
    return is_set(time) ? qm_date(time, TimeZone::system()) : "";
}

std::string state_of(const jobs::HostRow& row) {
    if (!row.down) return "up";
    return is_set(row.next_try) ? "down" : "probing";
}

std::string host_line(
    std::string_view host,
    std::string_view state,
    std::string_view active,
    std::string_view delayed,
    std::string_view connections,
    std::string_view next,
    std::string_view success
) {
    std::string line = pad_right(host, 26) + ' ' + pad_right(state, 7) + ' ' + pad_left(active, 6) +
                       ' ' + pad_left(delayed, 7) + ' ' + pad_left(connections, 5) + "  " +
                       pad_right(next, 20) + "  " + std::string(success);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

void print_json(Console& console, const jobs::HostRow& row) {
    JsonLine json;
    json.add("channel", row.channel)
        .add("host", row.host)
        .add("state", state_of(row))
        .add("active", std::uint64_t{row.active})
        .add("delayed", std::uint64_t{row.delayed})
        .add("threads", std::uint64_t{row.threads});
    if (is_set(row.next_try)) json.add("next_try", row.next_try);
    if (is_set(row.last_success)) json.add("last_success", row.last_success);
    if (!row.reason.empty()) json.add("reason", row.reason);
    console.line(json.to_string());
}

void print_text(Console& console, const std::vector<jobs::HostRow>& rows, bool heading) {
    std::string channel;
    for (const jobs::HostRow& row : rows) {
        if (row.channel != channel) {
            if (!channel.empty()) console.line("");
            channel = row.channel;
            console.line("Channel: " + printable_text(channel));
            if (heading) {
                console.line(host_line(
                    "host", "state", "active", "delayed", "conns", "next try", "last success"
                ));
            }
        }
        console.line(host_line(
            row.host.empty() ? "(any)" : printable_text(row.host), state_of(row),
            std::to_string(row.active), std::to_string(row.delayed), std::to_string(row.threads),
            moment(row.next_try), moment(row.last_success)
        ));
        // Reasons are sentences of other hosts: beside the figures they would break the table.
        if (!row.reason.empty()) console.line("    " + printable_text(row.reason));
    }
}

ExitCode hosts(Invocation& invocation, QmSession& session, enqueue::Runtime& /*runtime*/) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    const std::string host =
        line.parameters().empty() ? std::string() : to_lower(line.parameters().front());
    const auto rows = find_hosts(**controller, lower_value(line, "channel"), host);
    if (!rows) return refused(console, rows.error());
    if (line.has("json")) {
        for (const jobs::HostRow& row : *rows) print_json(console, row);
    } else {
        print_text(console, *rows, !line.is_negated("heading"));
    }
    return ExitCode::done;
}

constexpr auto retry_switches = joined(joined(target_switches, selector_switches), change_switches);
constexpr Switch hosts_switches[] = {
    {"channel", Switch::Value::required, "only those of this channel; wildcards"},
    {"heading", Switch::Value::none, "the line on top (default)"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command qm_retry_command = {
    .name = "retry",
    .summary = "try messages, or all for a host, now",
    .parameters = "[id ...]",
    .switches = retry_switches,
    .most_parameters = any_number,
    .run = with_queue<retry>,
};

const Command qm_hosts_command = {
    .name = "hosts",
    .summary = "list destination hosts and their state",
    .parameters = "[host]",
    .switches = hosts_switches,
    .most_parameters = 1,
    .run = with_queue<hosts>,
};

}  // namespace sluice::utility
