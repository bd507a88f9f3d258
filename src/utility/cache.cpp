// imsimta cache: what the job controller knows, and settings that can be changed while it runs.
#include <algorithm>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/progress.h"
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

// --- view ---

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

/// Why hosts could not be served, by channel and host.
using Reasons = std::map<std::pair<std::string, std::string>, std::string>;

Result<Reasons> reasons_of_hosts(jobs::ControlClient& controller, const std::string& channel) {
    Reasons reasons;
    auto listed = controller.list_hosts(channel, [&](const jobs::HostRow& row) {
        if (!row.reason.empty()) reasons[{row.channel, row.host}] = row.reason;
    });
    if (!listed) return std::move(listed).error();
    return reasons;
}

/// What keeps the message waiting; empty where it does not wait.
std::string reason_for(const Reasons& reasons, const jobs::MessageRow& row) {
    if (row.state != jobs::MessageState::delayed) return {};
    const auto found = reasons.find({row.channel, row.host});
    return found == reasons.end() ? std::string() : found->second;
}

void print_json(Console& console, const jobs::MessageRow& row, const std::string& reason) {
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
    if (!reason.empty()) json.add("reason", reason);
    console.line(json.to_string());
}

ExitCode view(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto& words = invocation.line().parameters();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    const std::string chosen = words.empty() ? std::string() : to_lower(words.front());
    std::map<std::string, std::vector<jobs::MessageRow>> channels;
    auto listed = (*controller)->list_messages(chosen, [&](const jobs::MessageRow& row) {
        channels[row.channel].push_back(row);
    });
    if (!listed) return refused(console, listed.error());
    const auto reasons = reasons_of_hosts(**controller, chosen);
    if (!reasons) return refused(console, reasons.error());
    const auto block = static_cast<std::uint64_t>(
        runtime.configuration().options.integer(config::OptionId::block_size)
    );
    for (auto& [channel, rows] : channels) {
        std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
            return a.enqueued != b.enqueued ? a.enqueued < b.enqueued : a.file < b.file;
        });
        if (invocation.line().has("json")) {
            for (const auto& row : rows) print_json(console, row, reason_for(*reasons, row));
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
            "next try              host  reason"
        );
        for (const auto& row : rows) {
            std::string line = "  " + pad_right(printable_text(row.file), 25) + ' ' +
                               pad_left(std::to_string(blocks_of(row.size, block)), 5) + "  " +
                               pad_right(priority_word(row.priority), 9) + "  " +
                               pad_left(std::to_string(row.attempts), 5) + "  " +
                               qm_date(row.enqueued, TimeZone::system()) + "  " +
                               pad_right(next_try(row), 20) + "  " + printable_text(row.host) +
                               "  " + printable_text(reason_for(*reasons, row));
            line.erase(line.find_last_not_of(' ') + 1);
            console.line(line);
        }
    }
    return ExitCode::done;
}

// --- sync, prune ---

/// Entries whose file is gone. The job controller drops them itself when a worker meets them; this
/// is for the impatient.
Result<std::uint64_t> prune(
    jobs::ControlClient& controller,
    Console& console,
    const std::string& channel,
    queue::Store& store
) {
    std::vector<jobs::MessageRow> rows;
    auto listed = controller.list_messages(channel, [&](const jobs::MessageRow& row) {
        if (row.state != jobs::MessageState::in_progress) rows.push_back(row);
    });
    if (!listed) return std::move(listed).error();
    std::uint64_t dropped = 0;
    Progress progress(console, "Prune", rows.size());
    for (const jobs::MessageRow& row : rows) {
        progress.advance();
        const auto location = queue::MessageLocation::parse(row.channel + '/' + row.file);
        if (!location) continue;
        const auto file = queue::MessageFile::open(store, *location, queue::Access::read);
        // Held ones do not belong there either.
        const bool stays = file ? file->location().name.state() == queue::MessageState::eligible
                                : queue::failure_kind(file.error()) != queue::Failure::gone;
        if (stays) continue;
        const auto forgotten = controller.forget(row.channel, row.file);
        if (!forgotten) return forgotten.error();
        dropped += *forgotten;
    }
    return dropped;
}

ExitCode sync(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto& words = invocation.line().parameters();
    const std::string channel = words.empty() ? std::string() : to_lower(words.front());
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    const auto channels = (*controller)->sync(channel);
    if (!channels) return refused(console, channels.error());
    console.info(
        facility, "SYNC",
        "the directories of " + std::to_string(*channels) + " channels are being read"
    );
    if (!invocation.line().has("prune")) return ExitCode::done;
    const auto dropped = prune(**controller, console, channel, runtime.store());
    if (!dropped) return refused(console, dropped.error());
    console.info(
        facility, "PRUNED", std::to_string(*dropped) + " entries without a file are dropped"
    );
    return ExitCode::done;
}

// --- walk, change ---

ExitCode walk(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    if (const auto mask = invocation.line().value("debug")) {
        const auto changed = (*controller)->change({jobs::Setting::debug, {}, std::string(*mask)});
        if (!changed) return refused(console, changed.error());
    }
    if (const auto walked = (*controller)->walk(); !walked) return refused(console, walked.error());
    console.info(facility, "WALKED", "the job controller has written its state to its log");
    return ExitCode::done;
}

struct Item {
    std::string_view switch_name;
    jobs::Setting setting;
    bool of_channel;
};
constexpr Item items[] = {
    {"debug", jobs::Setting::debug, false},
    {"max_messages", jobs::Setting::max_messages, false},
    {"thread_depth", jobs::Setting::thread_depth, true},
    {"job_limit", jobs::Setting::job_limit, true},
    {"master_job", jobs::Setting::master_job, true},
};

/// The channels meant; nullopt after a message. Empty: the job controller as a whole.
std::optional<std::string> scope_of(const CommandLine& line, Console& console) {
    const auto channel = line.value("channel");
    const auto pattern = line.value("channel_template");
    if (line.has("global") + channel.has_value() + pattern.has_value() != 1) {
        console.error(
            facility, "MISSING", "say -global, -channel=name or -channel_template=pattern"
        );
        return std::nullopt;
    }
    return to_lower(channel.value_or(pattern.value_or("")));
}

/// Commands are written as in job_controller.cnf.
Result<std::string> value_of(const Item& item, std::string_view text, const Instance& instance) {
    if (item.setting != jobs::Setting::master_job) return std::string(text);
    return instance.tailor.resolve_path(text, config::TailorEntry::bin);
}

ExitCode change(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto scope = scope_of(line, console);
    if (!scope) return ExitCode::usage;
    std::vector<jobs::Change> changes;
    for (const Item& item : items) {
        const auto text = line.value(item.switch_name);
        if (!text) continue;
        if (item.of_channel == scope->empty()) {
            console.error(
                facility, "CONFLICT",
                '-' + std::string(item.switch_name) +
                    (item.of_channel ? " is for a channel" : " goes with -global")
            );
            return ExitCode::usage;
        }
        const auto value = value_of(item, *text, session.instance());
        if (!value) {
            console.error(facility, "VALUE", value.error().detail());
            return ExitCode::usage;
        }
        changes.push_back({item.setting, *scope, *value});
    }
    if (changes.empty()) {
        console.error(facility, "MISSING", "say what to change, such as -thread_depth=20");
        return ExitCode::usage;
    }
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    std::uint32_t channels = 0;
    for (const jobs::Change& one : changes) {
        const auto concerned = (*controller)->change(one);
        if (!concerned) return refused(console, concerned.error());
        channels = std::max(channels, *concerned);
    }
    std::string text = "changed";
    if (channels > 0) text += " for " + std::to_string(channels) + " channels";
    console.info(
        facility, "CHANGED",
        text + " until the job controller ends; for good, edit job_controller.cnf or imta.cnf"
    );
    return ExitCode::done;
}

ExitCode cache(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    const CommandLine& line = invocation.line();
    if (line.has("view") + line.has("sync") + line.has("walk") + line.has("change") != 1) {
        invocation.console().error(facility, "MISSING", "say -view, -sync, -walk or -change");
        return ExitCode::usage;
    }
    if (line.has("permanent")) {
        invocation.console().error(
            facility, "PERMANENT", "nothing is changed for good here: edit the file"
        );
        return ExitCode::usage;
    }
    if (line.has("slave_job")) {
        invocation.console().error(
            facility, "NOTSUPP", "no channel polls for mail: there is no slave job to change"
        );
        return ExitCode::usage;
    }
    if (line.has("view")) return view(invocation, session, runtime);
    if (line.has("sync")) return sync(invocation, session, runtime);
    return line.has("walk") ? walk(invocation, session, runtime)
                            : change(invocation, session, runtime);
}

constexpr Switch cache_switches[] = {
    {"view", Switch::Value::none, "list what the job controller keeps track of"},
    {"sync", Switch::Value::none, "have it look for files it does not know"},
    {"prune", Switch::Value::none, "with -sync: drop entries whose file is gone"},
    {"walk", Switch::Value::none, "have it write its state to its log"},
    {"change", Switch::Value::none, "change a setting until it ends"},
    {"global", Switch::Value::none, "with -change: of the job controller"},
    {"channel", Switch::Value::required, "with -change: of this channel"},
    {"channel_template", Switch::Value::required, "with -change: of channels such as tcp_*"},
    {"debug", Switch::Value::required, "mask; not 0: more is logged"},
    {"max_messages", Switch::Value::required, "messages it keeps track of"},
    {"thread_depth", Switch::Value::required, "messages to a host for each thread"},
    {"job_limit", Switch::Value::required, "most processes"},
    {"master_job", Switch::Value::required, "the program"},
    {"slave_job", Switch::Value::required, "refused: no channel polls for mail"},
    {"permanent", Switch::Value::none, "refused"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command cache_command = {
    .name = "cache",
    .summary = "look at, synchronise or tune the job controller",
    .parameters = "[channel]",
    .switches = cache_switches,
    .most_parameters = 1,
    .run = with_queue<cache>,
};

}  // namespace sluice::utility
