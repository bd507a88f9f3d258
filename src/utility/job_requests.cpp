// imsimta submit, run, cache: what the job controller is asked to do, and what it knows.
#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "JBC";

ExitCode refused(Console& console, const Error& error) {
    if (!error.is_permanent()) return report_no_controller(console, error);
    console.error(facility, "REFUSED", error.text());
    return ExitCode::failed;
}

// --- submit, run ---

/// Makes the channel's delayed messages ready and has a job started for them.
ExitCode ask_for_run(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto& words = line.parameters();
    jobs::Run request;
    request.channel = words.empty() ? "l" : to_lower(words.front());
    request.host = line.value("host").value_or("");
    if (words.size() > 1) {
        if (!equals_ignoring_case(words[1], "poll")) {
            console.error(facility, "VALUE", "the second word can only be \"poll\"");
            return ExitCode::usage;
        }
        request.poll = true;
    }
    if (runtime.configuration().imta.channels.find(request.channel) == nullptr) {
        console.error(facility, "NOCHANNEL", "no channel " + request.channel + " is configured");
        return ExitCode::not_found;
    }
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    const auto concerned = (*controller)->run(request);
    if (!concerned) return refused(console, concerned.error());
    console.info(
        facility, "SUBMITTED",
        "channel " + request.channel + " runs; " + std::to_string(*concerned) +
            " delayed messages are tried now"
    );
    return ExitCode::done;
}

// --- cache ---

std::string_view state_word(jobs::MessageState state) {
    switch (state) {
        case jobs::MessageState::ready:
            return "ready";
        case jobs::MessageState::delayed:
            return "delayed";
        case jobs::MessageState::in_progress:
            return "in_progress";
    }
    return "ready";
}

std::string_view priority_word(jobs::Priority priority) {
    static constexpr std::string_view words[] = {
        "urgent", "normal", "nonurgent", "second", "third"};
    return words[static_cast<std::size_t>(priority)];
}

std::string next_try(const jobs::MessageRow& row) {
    switch (row.state) {
        case jobs::MessageState::ready:
            return "now";
        case jobs::MessageState::in_progress:
            return "process " + std::to_string(row.pid);
        case jobs::MessageState::delayed:
            break;
    }
    return qm_date(row.next_try, TimeZone::system());
}

void print_json(Console& console, const jobs::MessageRow& row) {
    JsonLine json;
    json.add("channel", row.channel)
        .add("file", row.file)
        .add("host", row.host)
        .add("priority", priority_word(row.priority))
        .add("state", state_word(row.state))
        .add("attempts", std::uint64_t{row.attempts})
        .add("size", row.size)
        .add("recipients", std::uint64_t{row.recipients})
        .add("enqueued", row.enqueued);
    if (row.state == jobs::MessageState::delayed) json.add("next_try", row.next_try);
    if (row.state == jobs::MessageState::in_progress) json.add("pid", std::uint64_t{row.pid});
    console.line(json.to_string());
}

ExitCode view(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto& words = invocation.line().parameters();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    std::map<std::string, std::vector<jobs::MessageRow>> channels;
    auto listed = (*controller)
                      ->list_messages(
                          words.empty() ? std::string() : to_lower(words.front()),
                          [&](const jobs::MessageRow& row) { channels[row.channel].push_back(row); }
                      );
    if (!listed) return refused(console, listed.error());
    const auto block = static_cast<std::uint64_t>(
        runtime.configuration().options.integer(config::OptionId::block_size)
    );
    for (auto& [channel, rows] : channels) {
        std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
            return a.enqueued != b.enqueued ? a.enqueued < b.enqueued : a.file < b.file;
        });
        if (invocation.line().has("json")) {
            for (const auto& row : rows) print_json(console, row);
            continue;
        }
        std::map<std::string, int> hosts;
        for (const auto& row : rows) hosts[row.host];
        console.line(
            "Channel: " + printable_text(channel) + "   " + std::to_string(rows.size()) +
            " messages, " + std::to_string(hosts.size()) + " hosts"
        );
        console.line(
            "  message                    size  prio       tries  queued since          "
            "next try              host"
        );
        for (const auto& row : rows) {
            std::string line = "  " + pad_right(printable_text(row.file), 25) + ' ' +
                               pad_left(std::to_string(blocks_of(row.size, block)), 5) + "  " +
                               pad_right(priority_word(row.priority), 9) + "  " +
                               pad_left(std::to_string(row.attempts), 5) + "  " +
                               qm_date(row.enqueued, TimeZone::system()) + "  " +
                               pad_right(next_try(row), 20) + "  " + printable_text(row.host);
            line.erase(line.find_last_not_of(' ') + 1);
            console.line(line);
        }
    }
    return ExitCode::done;
}

ExitCode sync(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto& words = invocation.line().parameters();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    const auto channels =
        (*controller)->sync(words.empty() ? std::string() : to_lower(words.front()));
    if (!channels) return refused(console, channels.error());
    console.info(
        facility, "SYNC",
        "the directories of " + std::to_string(*channels) + " channels are being read"
    );
    return ExitCode::done;
}

ExitCode cache(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    const CommandLine& line = invocation.line();
    if (line.has("view") == line.has("sync")) {
        invocation.console().error(facility, "MISSING", "say -view or -sync");
        return ExitCode::usage;
    }
    return line.has("view") ? view(invocation, session, runtime)
                            : sync(invocation, session, runtime);
}

constexpr Switch run_switches[] = {
    {"host", Switch::Value::required, "only messages for this destination host"},
};
constexpr Switch cache_switches[] = {
    {"view", Switch::Value::none, "list what the job controller keeps track of"},
    {"sync", Switch::Value::none, "have it look for files it does not know"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command submit_command = {
    .name = "submit",
    .summary = "have a channel's messages tried now",
    .parameters = "[channel] [poll]",
    .switches = run_switches,
    .most_parameters = 2,
    .run = with_queue<ask_for_run>,
};

const Command run_command = {
    .name = "run",
    .summary = "same as submit, for a channel that must be named",
    .parameters = "channel [poll]",
    .switches = run_switches,
    .least_parameters = 1,
    .most_parameters = 2,
    .run = with_queue<ask_for_run>,
};

const Command cache_command = {
    .name = "cache",
    .summary = "look at or synchronise the job controller's list",
    .parameters = "[channel]",
    .switches = cache_switches,
    .most_parameters = 1,
    .run = with_queue<cache>,
};

}  // namespace sluice::utility
