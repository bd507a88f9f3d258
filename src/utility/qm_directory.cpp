// imsimta qm directory, held, summarize: what is queued.
#include <map>
#include <set>

#include "jobs/hold_list.h"
#include "queue/name_count.h"
#include "queue/scan.h"
#include "utility/json_line.h"
#include "utility/progress.h"
#include "utility/qm_commands.h"
#include "utility/qm_groups.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

std::uint64_t block_size(const enqueue::Runtime& runtime) {
    return static_cast<std::uint64_t>(
        runtime.configuration().options.integer(config::OptionId::block_size)
    );
}

ExitCode unknown_channel(Console& console, const std::string& channel) {
    console.error(facility, "NOCHANNEL", "no channel " + channel + " is configured or has a queue");
    return ExitCode::not_found;
}

ExitCode failed(Console& console, const Error& error) {
    console.error(facility, "NOTREAD", error.detail().empty() ? error.text() : error.detail());
    return ExitCode::failed;
}

/// False where the channel parameter names nothing; a pattern may.
bool channel_exists(const std::string& channel, const std::vector<std::string>& known) {
    return channel.empty() || has_wildcard(channel) ||
           std::find(known.begin(), known.end(), channel) != known.end();
}

bool wants_database(const CommandLine& line, const QmSession& session) {
    if (line.has("held")) return false;  // the job controller never knows held messages
    if (line.has("database")) return true;
    return session.database_view && !line.has("directory_tree");
}

void show_groups(
    Console& console, std::vector<QueuedMessage>& found, const ListingStyle& style, bool json
) {
    const auto groups = group_messages(found);
    if (!json) return write_groups(console.out(), found, groups, style);
    for (const MessageGroup& group : groups) console.line(group_json(found, group, style));
}

ExitCode list(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Selector selector
) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    if (!line.parameters().empty()) selector.channel = to_lower(line.parameters().front());
    const auto known = known_channels(runtime);
    if (!known) return failed(console, known.error());
    if (!channel_exists(selector.channel, *known)) {
        return unknown_channel(console, selector.channel);
    }
    ListingStyle style;
    style.now = runtime.store().clock().wall_now();
    style.zone = TimeZone::system();
    style.block_size = block_size(runtime);
    style.from_database = !selector.held && wants_database(line, session);
    style.heading = !line.is_negated("heading");
    style.file_info = !line.is_negated("file_info");
    style.envelope = line.has("envelope") || selector.from || selector.to;
    style.reason = selector.held;
    style.total = !line.is_negated("total");
    GatherDetail detail;
    const bool json = line.has("json");
    detail.files =
        style.envelope || style.reason || json || (style.file_info && !style.from_database);
    if (!style.file_info && !style.envelope) detail.files = false;
    detail.subject = json && detail.files;
    detail.reason = style.reason || (json && detail.files);
    const bool grouped = line.has("group");
    if (grouped) detail.files = detail.reason = true;
    auto found = gather_messages(session, console, selector, detail, style.from_database);
    if (!found) {
        return style.from_database ? report_no_controller(console, found.error())
                                   : failed(console, found.error());
    }
    if (grouped) {
        show_groups(console, *found, style, json);
    } else if (json) {
        for (std::size_t i = 0; i < found->size(); ++i) {
            console.line(listing_json((*found)[i], i + 1, style));
        }
    } else {
        write_listing(console.out(), *found, style);
    }
    session.listing = std::move(*found);
    session.has_listing = true;
    return ExitCode::done;
}

ExitCode directory(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    auto selector = selector_from(invocation.line(), runtime.store().clock().wall_now());
    if (!selector) {
        invocation.console().error(facility, selector.error().detail(), selector.error().text());
        return ExitCode::usage;
    }
    return list(invocation, session, runtime, std::move(*selector));
}

ExitCode held(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    auto selector = selector_from(invocation.line(), runtime.store().clock().wall_now());
    if (!selector) {
        invocation.console().error(facility, selector.error().detail(), selector.error().text());
        return ExitCode::usage;
    }
    selector->held = true;
    return list(invocation, session, runtime, std::move(*selector));
}

// --- summarize ---

using Summaries = std::map<std::string, ChannelSummary>;

void add_to(ChannelSummary& summary, const QueuedMessage& message, std::uint64_t block) {
    ++summary.messages;
    summary.octets += message.size;
    summary.blocks += blocks_of(message.size, block);
    if (!summary.oldest || message.since < *summary.oldest) summary.oldest = message.since;
}

Result<void> summarize_tree(
    QmSession& session,
    Console& console,
    enqueue::Runtime& runtime,
    bool with_held,
    Summaries& summaries
) {
    const std::uint64_t block = block_size(runtime);
    GatherDetail names_only;
    names_only.files = false;
    Selector everything;
    everything.any_state = true;
    auto found = gather_messages(session, console, everything, names_only, false);
    if (!found) return std::move(found).error();
    Progress progress(console, "Sizes", found->size());
    for (QueuedMessage& message : *found) {
        progress.advance();
        ChannelSummary& summary = summaries[message.location.channel];
        if (message.is_held()) ++summary.held;
        // Of held ones the names alone tell how many there are.
        if (message.is_held() && !with_held) continue;
        read_message(runtime.store(), message, {});
        if (message.is_read || !message.trouble.empty()) add_to(summary, message, block);
    }
    return {};
}

/// Messages that only their names tell of: all of a channel that is no longer configured.
void add_unknown(ChannelSummary& summary, const queue::NameCount& on_disk) {
    if (on_disk.eligible <= summary.messages) return;
    summary.unread += on_disk.eligible - summary.messages;
    summary.messages = on_disk.eligible;
}

/// What the job controller knows; and by their names the held messages, and those that
/// MAX_MESSAGES keeps from it, or that are of channels it does not have.
Result<void> summarize_database(
    QmSession& session, enqueue::Runtime& runtime, Summaries& summaries
) {
    const auto controller = session.controller();
    if (!controller) return controller.error();
    const auto names = queue::count_names(runtime.store());
    if (!names) return names.error();
    std::set<std::string> complete;
    const std::uint64_t block = block_size(runtime);
    auto listed = (*controller)->list_channels({}, [&](const jobs::ChannelRow& row) {
        ChannelSummary& summary = summaries[row.channel];
        summary.messages = std::uint64_t{row.ready} + row.in_progress + row.delayed;
        summary.unread = row.unread;
        summary.octets = row.size;
        summary.blocks = blocks_of(row.size, block);
        if (summary.messages > 0) summary.oldest = row.oldest;
        if (!row.untracked) complete.insert(row.channel);
    });
    if (!listed) return listed;
    for (const auto& [channel, count] : *names) {
        summaries[channel].held = count.held;
        if (!complete.contains(channel)) add_unknown(summaries[channel], count);
    }
    return {};
}

std::string summary_json(const ChannelSummary& summary) {
    JsonLine json;
    json.add("channel", summary.channel)
        .add("messages", summary.messages)
        .add("size", summary.octets)
        .add("blocks", summary.blocks)
        .add("held", summary.held)
        .add("unread", summary.unread)
        .add("stopped", summary.stopped);
    if (summary.oldest) json.add("oldest", *summary.oldest);
    return json.to_string();
}

ExitCode summarize(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto known = known_channels(runtime);
    if (!known) return failed(console, known.error());
    Summaries summaries;
    for (const std::string& channel : *known) summaries[channel];
    // Asked of the job controller where it answers: with a long queue the files take minutes.
    const bool must_read = line.has("directory_tree") || line.has("held");
    const bool from_database =
        wants_database(line, session) || (!must_read && session.controller().has_value());
    auto summarized = from_database
                          ? summarize_database(session, runtime, summaries)
                          : summarize_tree(session, console, runtime, line.has("held"), summaries);
    if (!summarized) {
        return from_database ? report_no_controller(console, summarized.error())
                             : failed(console, summarized.error());
    }
    const auto stopped = jobs::read_hold_list(jobs::hold_list_path(runtime.store().root()));
    if (!stopped) console.warning(facility, "NOHOLDLIST", stopped.error().detail());
    std::vector<ChannelSummary> rows;
    for (auto& [channel, summary] : summaries) {
        summary.channel = channel;
        summary.stopped = stopped && stopped->contains(channel);
        rows.push_back(summary);
    }
    if (line.has("json")) {
        for (const ChannelSummary& row : rows) console.line(summary_json(row));
        return ExitCode::done;
    }
    SummaryStyle style;
    style.zone = TimeZone::system();
    style.heading = !line.is_negated("heading");
    style.trailing = !line.is_negated("trailing");
    write_summary(console.out(), rows, style);
    return ExitCode::done;
}

constexpr std::array list_switches = {
    Switch{"envelope", Switch::Value::none, "show sender and recipients"},
    Switch{"file_info", Switch::Value::none, "sizes and dates (default); -no is faster"},
    Switch{"group", Switch::Value::none, "one line for messages that are alike"},
    Switch{"total", Switch::Value::none, "totals (default)"},
    Switch{"heading", Switch::Value::none, "the lines on top (default)"},
    Switch{"database", Switch::Value::none, "ask the job controller"},
    Switch{"directory_tree", Switch::Value::none, "read the queue directories (default)"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr auto directory_switches = joined(selector_switches, list_switches);

constexpr Switch summarize_switches[] = {
    {"heading", Switch::Value::none, "the lines on top (default)"},
    {"trailing", Switch::Value::none, "the total (default)"},
    {"held", Switch::Value::none, "count held messages and their size too"},
    {"database", Switch::Value::none, "ask the job controller (default if it answers)"},
    {"directory_tree", Switch::Value::none, "read the message files"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command qm_directory_command = {
    .name = "directory",
    .summary = "list queued messages",
    .parameters = "[channel]",
    .switches = directory_switches,
    .most_parameters = 1,
    .run = with_queue<directory>,
};

const Command qm_held_command = {
    .name = "held",
    .summary = "list held messages",
    .parameters = "[channel]",
    .switches = directory_switches,
    .most_parameters = 1,
    .run = with_queue<held>,
};

const Command qm_summarize_command = {
    .name = "summarize",
    .summary = "count the messages of each channel",
    .parameters = "",
    .switches = summarize_switches,
    .run = with_queue<summarize>,
};

}  // namespace sluice::utility
