// imsimta mailq: how many messages wait for which destination host.
#include <map>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

struct HostSummary {
    std::uint64_t messages = 0;
    std::uint64_t octets = 0;
    WallTime oldest = WallTime::max();
    std::string reason;  ///< newest one of the oldest message that has one
};

constexpr std::size_t count_width = 15;

ExitCode list(Invocation& invocation, QmSession& session, enqueue::Runtime&) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    GatherDetail detail;
    detail.reason = line.has("reason") || line.has("json");
    const auto messages = gather_messages(session, console, Selector{}, detail, false);
    if (!messages) {
        console.error("QM", "NOTREAD", messages.error().detail());
        return ExitCode::failed;
    }
    std::map<std::string, HostSummary, LessIgnoringCase> hosts;
    for (const QueuedMessage& message : *messages) {
        // What stays on this host has no destination host: its channel stands for it.
        HostSummary& host = hosts[message.host.empty() ? message.location.channel : message.host];
        ++host.messages;
        host.octets += message.size;
        if (!message.reason.empty() && (host.reason.empty() || message.since < host.oldest)) {
            host.reason = message.reason;
        }
        host.oldest = std::min(host.oldest, message.since);
    }
    if (line.has("json")) {
        for (const auto& [name, host] : hosts) {
            JsonLine json;
            json.add("host", name).add("messages", host.messages).add("octets", host.octets);
            json.add("oldest", host.oldest).add("reason", host.reason);
            console.line(json.to_string());
        }
        return ExitCode::done;
    }
    if (!line.is_negated("heading")) {
        console.line("Queued Messages      Destination Host");
        console.line("---------------      ----------------");
    }
    for (const auto& [name, host] : hosts) {
        std::string text =
            pad_left(std::to_string(host.messages), count_width) + "      " + printable_text(name);
        if (line.has("reason") && !host.reason.empty()) text += "  " + printable_text(host.reason);
        console.line(text);
    }
    return ExitCode::done;
}

constexpr Switch switches[] = {
    {"reason", Switch::Value::none, "say why the messages still wait"},
    {"heading", Switch::Value::none, "-noheading leaves the heading out"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command mailq_command = {
    .name = "mailq",
    .summary = "count the queued messages of each destination host",
    .parameters = "",
    .switches = switches,
    .run = with_queue<list>,
};

}  // namespace sluice::utility
