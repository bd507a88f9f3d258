// imsimta mailq: how many messages wait for which destination host.
#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

struct HostQueue {
    std::uint64_t messages = 0;
    std::string reason;
    WallTime newest{};  ///< of the message the reason is from
};
using HostQueues = std::map<std::string, HostQueue, LessIgnoringCase>;

/// Mail for no particular host is mail for the channel's system.
std::string shown_host(
    const config::Configuration& configuration, const std::string& host, const std::string& channel
) {
    if (!host.empty()) return host;
    const channel::Channel* found = configuration.imta.channels.find(channel);
    return found != nullptr ? found->official_host() : channel;
}

Result<HostQueues> from_tree(QmSession& session, enqueue::Runtime& runtime, bool with_reason) {
    GatherDetail detail;
    detail.reason = with_reason;
    auto messages = gather_messages(session, Selector(), detail, false);
    if (!messages) return std::move(messages).error();
    HostQueues hosts;
    for (const QueuedMessage& message : *messages) {
        const std::string host =
            shown_host(runtime.configuration(), message.host, message.location.channel);
        HostQueue& queue = hosts[host];
        ++queue.messages;
        if (message.reason.empty() || message.since < queue.newest) continue;
        queue.reason = message.reason;
        queue.newest = message.since;
    }
    return hosts;
}

Result<HostQueues> from_controller(QmSession& session, enqueue::Runtime& runtime) {
    const auto controller = session.controller();
    if (!controller) return controller.error();
    HostQueues hosts;
    auto listed = (*controller)->list_hosts({}, [&](const jobs::HostRow& row) {
        const std::uint64_t count = std::uint64_t{row.active} + row.delayed;
        if (count == 0) return;
        HostQueue& queue = hosts[shown_host(runtime.configuration(), row.host, row.channel)];
        queue.messages += count;
        if (!row.reason.empty()) queue.reason = row.reason;
    });
    if (!listed) return std::move(listed).error();
    return hosts;
}

void print(Console& console, const HostQueues& hosts, const CommandLine& line) {
    if (line.has("json")) {
        for (const auto& [host, queue] : hosts) {
            JsonLine json;
            json.add("host", host).add("messages", queue.messages);
            if (line.has("reason")) json.add("reason", queue.reason);
            console.line(json.to_string());
        }
        return;
    }
    constexpr std::size_t host_width = 32;
    const bool reason = line.has("reason");
    const auto row = [&](const std::string& count, const std::string& host,
                         const std::string& why) {
        std::string text = pad_left(count, 15) + "      ";
        text += reason ? pad_right(host, host_width) + "  " + why : host;
        text.erase(text.find_last_not_of(' ') + 1);
        console.line(text);
    };
    if (!line.is_negated("heading")) {
        row("Queued Messages", "Destination Host", reason ? "Reason" : "");
        row("---------------", "----------------", reason ? "------" : "");
    }
    for (const auto& [host, queue] : hosts) {
        row(std::to_string(queue.messages), printable_text(host), printable_text(queue.reason));
    }
}

ExitCode run(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    const CommandLine& line = invocation.line();
    const bool database = line.has("database");
    const auto hosts = database ? from_controller(session, runtime)
                                : from_tree(session, runtime, line.has("reason"));
    if (!hosts && database) return report_no_controller(invocation.console(), hosts.error());
    if (!hosts) {
        invocation.console().error("QM", "NOTREAD", hosts.error().detail());
        return ExitCode::failed;
    }
    print(invocation.console(), *hosts, line);
    return ExitCode::done;
}

constexpr Switch switches[] = {
    {"reason", Switch::Value::none, "why they wait"},
    {"database", Switch::Value::none, "ask the job controller"},
    {"heading", Switch::Value::none, "the lines on top (default)"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command mailq_command = {
    .name = "mailq",
    .summary = "count queued messages by destination host",
    .parameters = "",
    .switches = switches,
    .run = with_queue<run>,
};

}  // namespace sluice::utility
