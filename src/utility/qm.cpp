// imsimta qm: the queue manager. Sub-commands from the shell, or a session with a prompt.
#include <algorithm>

#include "base/file.h"
#include "utility/command_words.h"
#include "utility/completion.h"
#include "utility/paged_output.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::string_view prompt = "qm.maint> ";
constexpr std::size_t command_file_ceiling = 1UL << 20U;

ExitCode run_line(
    const std::string& text, Console& console, const Operator& who, QmSession& session
) {
    auto words = split_command_line(text);
    if (!words) {
        console.error(facility, "QUOTE", "a quotation mark is not closed");
        return ExitCode::usage;
    }
    if (words->empty()) return ExitCode::done;
    words->insert(words->begin(), "qm");
    CommandLineSyntax syntax;
    syntax.slash_switches =
        session.instance().options.boolean(config::OptionId::cli_slash_switches);
    const auto line = parse_command_line(all_utilities(), *words, syntax);
    if (!line) {
        console.error(facility, line.error().detail(), line.error().text());
        return ExitCode::usage;
    }
    if (const auto refused = refuse_unprivileged(*line, who.caller, console)) return *refused;
    Operator typed = who;
    typed.command = join_command_line(*words);
    Invocation invocation(*line, console, &session.instance(), typed, &session);
    return line->command().run(invocation);
}

ExitCode worse(ExitCode a, ExitCode b) {
    return static_cast<int>(a) < static_cast<int>(b) ? b : a;
}

/// For completion: what cannot be read has no names.
std::vector<std::string> channel_names(QmSession& session) {
    const auto runtime = session.runtime();
    if (!runtime) return {};
    return known_channels(**runtime).value_or(std::vector<std::string>{});
}

ExitCode interactive(Invocation& invocation) {
    Console& console = invocation.console();
    if (console.input() == nullptr) return ExitCode::done;
    QmSession session(*invocation.instance());
    console.input()->complete_with([&session](std::string_view before) {
        return completions(qm_command.subcommands, channel_names(session), before);
    });
    PagedOutput paged(console.out(), *console.input());
    std::ostream pages(&paged);
    Console shown = console.with(&pages, nullptr);
    while (!session.ended) {
        const auto text = console.read_line(prompt);
        if (!text) break;
        paged.begin();
        session.worst = worse(session.worst, run_line(*text, shown, invocation.who(), session));
        pages.flush();
    }
    return session.worst;
}

ExitCode leave(Invocation& invocation) {
    if (invocation.session() != nullptr) invocation.session()->ended = true;
    return ExitCode::done;
}

ExitCode view(Invocation& invocation) {
    const CommandLine& line = invocation.line();
    QmSession* session = invocation.session();
    if (session != nullptr && line.has("database")) session->database_view = true;
    if (session != nullptr && line.has("directory_tree")) session->database_view = false;
    const bool database = session != nullptr && session->database_view;
    invocation.console().line(
        std::string("Listings are made from ") +
        (database ? "the job controller" : "the queue directory tree")
    );
    return ExitCode::done;
}

ExitCode date(Invocation& invocation) {
    invocation.console().line(qm_now(system_clock().wall_now(), TimeZone::system()));
    return ExitCode::done;
}

ExitCode help(Invocation& invocation) {
    const auto& words = invocation.line().parameters();
    Console& console = invocation.console();
    if (words.empty()) {
        console.out() << command_help(qm_command, "qm");
        return ExitCode::done;
    }
    const auto found = match_command(qm_command.subcommands, words.front());
    if (found.match == nullptr) {
        console.error(facility, "UNKVERB", "no help on " + words.front());
        return ExitCode::usage;
    }
    console.out() << command_help(*found.match, "qm " + std::string(found.match->name));
    return ExitCode::done;
}

/// The lines of a file, as if they were typed.
ExitCode run_file(Invocation& invocation) {
    Console& console = invocation.console();
    const std::string& path = invocation.line().parameters().front();
    const auto text = read_file(path, command_file_ceiling);
    if (!text) {
        console.error(facility, "NOFILE", text.error().detail());
        return ExitCode::failed;
    }
    std::optional<QmSession> own;
    if (invocation.session() == nullptr) own.emplace(*invocation.instance());
    QmSession& session = own ? *own : *invocation.session();
    if (session.depth >= QmSession::deepest) {
        console.error(facility, "TOODEEP", "command files call each other too deeply");
        return ExitCode::failed;
    }
    ++session.depth;
    ExitCode worst = ExitCode::done;
    for (const std::string_view one : split(*text, '\n')) {
        const std::string_view command = trim(one);
        if (command.empty() || command.front() == '!') continue;
        if (!invocation.line().is_negated("log"))
            console.line(std::string(prompt) + std::string(command));
        worst = worse(worst, run_line(std::string(command), console, invocation.who(), session));
        if (session.ended) break;
        if (worst != ExitCode::done && !invocation.line().has("ignore")) break;
    }
    --session.depth;
    return worst;
}

constexpr Switch view_switches[] = {
    {"database", Switch::Value::none, "ask the job controller"},
    {"directory_tree", Switch::Value::none, "read the queue directories"},
};
constexpr Switch run_switches[] = {
    {"ignore", Switch::Value::none, "go on after an error"},
    {"log", Switch::Value::none, "show the commands (default)"},
};

std::span<const Command> subcommands() {
    static const Command commands[] = {
        qm_clean_command,
        qm_counters_command,
        {.name = "date", .summary = "show date and time", .run = date},
        qm_delete_command,
        qm_directory_command,
        {.name = "exit", .summary = "leave", .run = leave},
        qm_expire_command,
        qm_export_command,
        qm_held_command,
        {.name = "help",
         .summary = "list the commands, or explain one",
         .parameters = "[command]",
         .most_parameters = 1,
         .run = help},
        qm_history_command,
        qm_hold_command,
        qm_hosts_command,
        qm_import_command,
        qm_jobs_command,
        qm_messages_command,
        {.name = "quit", .summary = "leave", .run = leave},
        qm_read_command,
        qm_readdress_command,
        qm_release_command,
        qm_resender_command,
        qm_retry_command,
        qm_return_command,
        {.name = "run",
         .summary = "run the commands in a file",
         .parameters = "file",
         .switches = run_switches,
         .least_parameters = 1,
         .most_parameters = 1,
         .run = run_file},
        qm_start_command,
        qm_stop_command,
        qm_summarize_command,
        qm_top_command,
        {.name = "view",
         .summary = "where listings come from",
         .switches = view_switches,
         .run = view},
    };
    return commands;
}

constexpr Switch qm_switches[] = {
    {"maintenance", Switch::Value::none, "accepted: there is no other mode"},
};

}  // namespace

// Not a constant expression, but made of such: the order of initialisation does not matter.
const Command qm_command = {
    .name = "qm",
    .summary = "manage the queue; without a sub-command, at a prompt",
    .parameters = "",
    .switches = qm_switches,
    .run = interactive,
    .subcommands = subcommands(),
};

}  // namespace sluice::utility
