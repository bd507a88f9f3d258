// imsimta run, submit: have a channel's messages tried now, here or by the job controller.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"
#include "dequeue/master.h"
#include "job_controller/command_line.h"
#include "job_controller/trust.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "JBC";
constexpr int cannot_execute = 127;

ExitCode refused(Console& console, const Error& error) {
    if (!error.is_permanent()) return report_no_controller(console, error);
    console.error(facility, "REFUSED", error.text());
    return ExitCode::failed;
}

/// What the words and switches say; nullopt after a message.
std::optional<jobs::Run> request_from(
    Invocation& invocation, const enqueue::Runtime& runtime, ExitCode& code
) {
    Console& console = invocation.console();
    const auto& words = invocation.line().parameters();
    jobs::Run request;
    request.channel = words.empty() ? "l" : to_lower(words.front());
    request.host = invocation.line().value("host").value_or("");
    code = ExitCode::usage;
    if (words.size() > 1) {
        if (!equals_ignoring_case(words[1], "poll")) {
            console.error(facility, "VALUE", "the second word can only be \"poll\"");
            return std::nullopt;
        }
        request.poll = true;
    }
    if (runtime.configuration().imta.channels.find(request.channel) == nullptr) {
        console.error(facility, "NOCHANNEL", "no channel " + request.channel + " is configured");
        code = ExitCode::not_found;
        return std::nullopt;
    }
    return request;
}

/// -message: the file's name, or the unique part of it.
bool choose_message(
    Invocation& invocation, enqueue::Runtime& runtime, jobs::Run& request, ExitCode& code
) {
    const auto text = invocation.line().value("message");
    if (!text) return true;
    const std::size_t slash = text->rfind('/');
    std::string unique(slash == std::string_view::npos ? *text : text->substr(slash + 1));
    if (const auto name = queue::MessageName::parse(unique)) unique = name->unique;
    const auto found = runtime.store().find(request.channel, to_upper(unique));
    if (found) {
        request.file = file_in_channel(*found);
        return true;
    }
    invocation.console().warning(
        facility, "GONE", std::string(*text) + " is not queued in channel " + request.channel
    );
    code = ExitCode::not_found;
    return false;
}

/// The job controller makes delayed messages ready and starts a job.
ExitCode submit(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    ExitCode code = ExitCode::done;
    auto request = request_from(invocation, runtime, code);
    if (!request || !choose_message(invocation, runtime, *request, code)) return code;
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    const auto concerned = (*controller)->run(*request);
    if (!concerned) return refused(console, concerned.error());
    console.info(
        facility, "SUBMITTED",
        "channel " + request->channel + " runs; " + std::to_string(*concerned) +
            " delayed messages are tried now"
    );
    return ExitCode::done;
}

/// The job controller looks at every channel.
ExitCode submit_master(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto controller = session.controller();
    if (!controller) return report_no_controller(console, controller.error());
    write_audit(invocation, session, runtime);
    const auto channels = (*controller)->sync();
    if (!channels) return refused(console, channels.error());
    console.info(
        facility, "SUBMITTED",
        "the job controller looks at " + std::to_string(*channels) + " channels"
    );
    return ExitCode::done;
}

/// The words that start the channel's master program.
Result<std::vector<std::string>> master_words(
    const config::Configuration& configuration, const std::string& channel
) {
    const auto settings = job_controller::trusted_settings_from(configuration);
    if (!settings) return settings.error();
    for (const auto& one : settings->channels) {
        if (!equals_ignoring_case(one.name, channel)) continue;
        if (one.master_command.empty())
            return Error::permanent({5, 3, 5}, "channel " + channel + " has no program");
        return job_controller::command_words(one.master_command, one.shell_allowed, {one.name});
    }
    return Error::permanent({5, 3, 5}, "no channel " + channel + " is configured");
}

/// Runs the program with our standard streams and waits for its end; its exit status.
Result<int> run_here(const std::vector<std::string>& words, const std::string& mode) {
    std::vector<std::string> texts = words;
    std::vector<char*> arguments;
    for (std::string& text : texts) arguments.push_back(text.data());
    arguments.push_back(nullptr);
    std::string variable = std::string(dequeue::mode_variable) + '=' + mode;
    std::vector<char*> environment{variable.data()};
    for (char** one = ::environ; *one != nullptr; ++one) environment.push_back(*one);
    environment.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return Error::from_errno(errno, "fork");
    if (pid == 0) {
        ::execve(arguments.front(), arguments.data(), environment.data());
        ::_exit(cannot_execute);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return Error::from_errno(errno, "wait");
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// In the caller's process, as far as he can see: the program's own messages come to the terminal.
ExitCode run(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    ExitCode code = ExitCode::done;
    auto request = request_from(invocation, runtime, code);
    if (!request || !choose_message(invocation, runtime, *request, code)) return code;
    const bool alone = line.has("standalone");
    if (alone && (line.has("host") || line.has("message"))) {
        console.error(facility, "CONFLICT", "-standalone takes all messages of the channel");
        return ExitCode::usage;
    }
    const auto words = master_words(runtime.configuration(), request->channel);
    if (!words) {
        console.error(facility, "NOTRUN", words.error().text());
        return ExitCode::failed;
    }
    if (!alone) {
        const auto controller = session.controller();
        if (!controller) return report_no_controller(console, controller.error());
        // Without a job of its own: the program below is the worker.
        request->poll = false;
        const auto concerned = (*controller)->run(*request);
        if (!concerned) return refused(console, concerned.error());
    }
    write_audit(invocation, session, runtime);
    console.out().flush();
    const auto status = run_here(*words, alone ? "standalone" : "until_idle");
    if (!status || *status != 0) {
        console.error(
            facility, "NOTRUN",
            status ? "the program of channel " + request->channel + " ended with status " +
                         std::to_string(*status)
                   : status.error().detail()
        );
        return ExitCode::failed;
    }
    console.info(facility, "RAN", "channel " + request->channel + " has nothing more to do");
    return ExitCode::done;
}

constexpr Switch submit_switches[] = {
    {"host", Switch::Value::required, "only messages for this destination host"},
    {"message", Switch::Value::required, "only this one: its file, or its unique part"},
    {"retry", Switch::Value::none, "-noretry: accepted; retry times are never waited for here"},
};
constexpr Switch run_switches[] = {
    {"host", Switch::Value::required, "only messages for this destination host"},
    {"message", Switch::Value::required, "only this one: its file, or its unique part"},
    {"retry", Switch::Value::none, "-noretry: accepted; retry times are never waited for here"},
    {"standalone", Switch::Value::none, "read the queue directory, ask no job controller"},
};

}  // namespace

const Command submit_command = {
    .name = "submit",
    .summary = "have a channel's messages tried now",
    .parameters = "[channel] [poll]",
    .switches = submit_switches,
    .most_parameters = 2,
    .run = with_queue<submit>,
};

const Command submit_master_command = {
    .name = "submit_master",
    .summary = "have the job controller look at every channel",
    .run = with_queue<submit_master>,
};

const Command run_command = {
    .name = "run",
    .summary = "run a channel's program here",
    .parameters = "channel [poll]",
    .switches = run_switches,
    .least_parameters = 1,
    .most_parameters = 2,
    .run = with_queue<run>,
};

}  // namespace sluice::utility
