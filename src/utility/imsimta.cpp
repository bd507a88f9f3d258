#include <unistd.h>

#include "config/option_file.h"
#include "utility/admin_log.h"
#include "utility/command_words.h"
#include "utility/privileges.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "IMTA";

ExitCode fail(Console& console, std::string_view ident, std::string text, ExitCode code) {
    console.error(facility, ident, std::move(text));
    return code;
}

ExitCode report(Console& console, const Error& error, std::string_view ident, ExitCode code) {
    return fail(console, ident, error.detail().empty() ? error.text() : error.detail(), code);
}

// Whether some form of the utility needs root itself: those give it up on their own.
bool keeps_root(std::span<const std::string> words) {
    if (words.empty()) return false;
    const auto found = match_command(all_utilities(), words.front());
    return found.match != nullptr && is_program_utility(found.match->name);
}

// nullopt: go on.
std::optional<ExitCode> refuse(
    const CommandLine& line, const Result<Instance>& instance, Console& console, Caller& who
) {
    const PrivilegeClass privilege = privilege_class_of(line);
    if (privilege == PrivilegeClass::anyone) return std::nullopt;
    if (!instance && can_do_without_instance(line)) return std::nullopt;
    if (!instance) return report(console, instance.error(), "NOTAILOR", ExitCode::configuration);
    // Mistakes in the option file's text do not matter here: what runs is what was published, and
    // an operator must be able to stop or restart it whatever state the texts are in.
    for (const auto& finding : instance->findings.items()) {
        if (finding.severity != Severity::error ||
            finding.where.file_name() != instance->tailor.file())
            continue;
        console.explain(finding.to_string());
        return fail(console, "BADCONFIG", "the tailor file has errors", ExitCode::configuration);
    }
    const auto caller = current_caller(
        instance->tailor.text(config::TailorEntry::user), instance->tailor.file(),
        instance->options.text(config::OptionId::operator_group)
    );
    if (!caller) return report(console, caller.error(), "NOCALLER", ExitCode::failed);
    who = *caller;
    return refuse_unprivileged(line, who, console);
}

}  // namespace

std::optional<ExitCode> refuse_unprivileged(
    const CommandLine& line, const Caller& caller, Console& console
) {
    const PrivilegeClass privilege = privilege_class_of(line);
    if (may_run(privilege, caller)) return std::nullopt;
    return fail(
        console, "NOPRIV",
        line.command_name() + " may be run by " + std::string(who_may_run(privilege)),
        ExitCode::not_privileged
    );
}

Result<Instance> load_instance(const Environment& environment, bool keep_root) {
    const auto path = environment.variable("IMTA_TAILOR");
    if (!path || path->empty()) {
        return Error::permanent(
            {5, 3, 5}, "no instance",
            "the environment variable IMTA_TAILOR does not name a tailor file"
        );
    }
    config::DiskFiles files;
    Diagnostics findings;
    config::check_not_world_writable(*path, findings);
    auto tailor = config::load_tailor(files, *path, {}, findings);
    if (!tailor) return std::move(tailor).error();
    // The tailor file names the account; nothing else is opened with root's rights.
    if (!keep_root) {
        auto dropped = environment.give_up_root(tailor->text(config::TailorEntry::user), *path);
        if (!dropped) return dropped.error();
    }
    const std::string& option_file = tailor->path(config::TailorEntry::option_file);
    config::check_not_world_writable(option_file, findings);
    auto options = config::load_options(files, option_file, findings);
    return Instance{std::move(*tailor), std::move(options), std::move(findings)};
}

ExitCode run_imsimta(
    std::span<const std::string> words, Console& console, const Environment& environment
) {
    Operator who;
    who.user_id = ::getuid();
    who.command = join_command_line({words.begin(), words.end()});
    // Without an instance the harmless utilities still work.
    const auto instance = load_instance(environment, keeps_root(words));
    CommandLineSyntax syntax;
    if (instance) {
        syntax.slash_switches = instance->options.boolean(config::OptionId::cli_slash_switches);
    }
    const auto line = parse_command_line(all_utilities(), words, syntax);
    if (!line) return fail(console, line.error().detail(), line.error().text(), ExitCode::usage);
    if (const auto refused = refuse(*line, instance, console, who.caller)) return *refused;
    Invocation invocation(*line, console, instance ? &*instance : nullptr, who);
    const ExitCode code = line->command().run(invocation);
    if (instance) note_in_admin_log(*instance, who, *line, code);
    return code;
}

}  // namespace sluice::utility
