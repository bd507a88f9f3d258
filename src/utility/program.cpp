// imsimta program: the list of programs that pipe channels may run.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "config/programs.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

using config::DeliveryProgram;
using config::TailorEntry;

constexpr std::string_view facility = "PROGRAM";

/// What the command works on, and its steps.
class ProgramList {
public:
    explicit ProgramList(Invocation& invocation)
        : console_(invocation.console()),
          line_(invocation.line()),
          tailor_(invocation.instance()->tailor),
          path_(tailor_.path(TailorEntry::table) + std::string(config::programs_file)) {}

    ExitCode run() {
        const std::array<std::string_view, 3> actions = {"a", "c", "d"};
        const auto given = std::count_if(actions.begin(), actions.end(), [this](auto action) {
            return line_.has(action);
        });
        if (given > 1) return usage("one of -a, -c and -d");
        if (given == 0) {
            const auto loaded = load();
            return loaded == ExitCode::done ? list() : loaded;
        }
        if (!line_.has("m")) return usage("-m names the method");
        // Of two who change the list at once the second one sees what the first one made.
        const auto lock = lock_file(path_ + ".lock");
        if (!lock) {
            console_.error(facility, "NOTLOCKED", lock.error().detail());
            return ExitCode::failed;
        }
        if (auto loaded = load(); loaded != ExitCode::done) return loaded;
        const std::string method(line_.value("m").value_or(""));
        if (line_.has("d")) return remove(method);
        return line_.has("a") ? add(method) : change(method);
    }

private:
    ExitCode usage(std::string text) {
        console_.error(facility, "USAGE", std::move(text));
        return ExitCode::usage;
    }

    ExitCode load() {
        const auto text = read_file(path_);
        if (!text && text.error().error_number() != ENOENT) {
            console_.error(facility, "NOTREAD", text.error().detail());
            return ExitCode::failed;
        }
        text_ = text ? *text : std::string();
        Diagnostics findings;
        programs_ = config::parse_programs(text_, path_, findings);
        for (const Diagnostic& finding : findings.items()) console_.explain(finding.to_string());
        if (!findings.has_errors()) return ExitCode::done;
        console_.error(facility, "CONFIG", path_ + " has errors");
        return ExitCode::configuration;
    }

    ExitCode list() {
        for (const auto& [method, program] : programs_) {
            if (line_.has("json")) {
                JsonLine json;
                json.add("method", method).add("program", program.program);
                json.add("arguments", program.arguments);
                json.add("permission", program.as_recipient ? "user" : "postmaster");
                json.add("user", program.account);
                console_.line(json.to_string());
                continue;
            }
            std::string text = method + "  " + program.program;
            if (!program.arguments.empty()) text += ' ' + program.arguments;
            if (program.as_recipient) text += "  as its user";
            if (!program.account.empty()) text += "  as " + program.account;
            console_.line(printable_text(text));
        }
        return ExitCode::done;
    }

    static bool names_all(const std::string& method) { return equals_ignoring_case(method, "all"); }

    ExitCode add(const std::string& method) {
        if (names_all(method))
            return usage("-d takes all for every method: no method has that name");
        if (programs_.contains(method)) {
            console_.error(facility, "EXISTS", "method " + method + " exists; -c changes it");
            return ExitCode::failed;
        }
        if (!line_.has("p")) return usage("-p names the program");
        DeliveryProgram program;
        program.method = method;
        return put(std::move(program), "ADDED");
    }

    ExitCode change(const std::string& method) {
        const auto found = programs_.find(method);
        return found == programs_.end() ? unknown(method) : put(found->second, "CHANGED");
    }

    ExitCode put(DeliveryProgram program, std::string_view ident) {
        if (const auto name = line_.value("p")) program.program = *name;
        if (const auto arguments = line_.value("g")) program.arguments = *arguments;
        if (const auto account = line_.value("u")) program.account = *account;
        if (const auto permission = line_.value("e")) {
            program.as_recipient = equals_ignoring_case(*permission, "user");
            if (!program.as_recipient && !equals_ignoring_case(*permission, "postmaster"))
                return usage("-e is user or postmaster");
        }
        if (const auto problem = problem_of(program)) return usage(*problem);
        warn_about(program);
        return write(config::with_method(text_, program), ident, program.method);
    }

    /// What a line of the file cannot say, or nobody could run.
    static std::optional<std::string> problem_of(const DeliveryProgram& program) {
        if (!config::is_method_name(program.method))
            return "a method's name has letters, digits and -_.";
        if (!config::is_program_name(program.program))
            return "a program is named without its path: it is in the directory IMTA_PROGRAM";
        const auto is_one_line = [](const std::string& text) {
            return std::none_of(text.begin(), text.end(), is_control) && !text.ends_with('\\');
        };
        if (!is_one_line(program.arguments) || !is_one_line(program.account))
            return "arguments and users are one line";
        if (!config::split_arguments(program.arguments)) return "a quote in -g does not end";
        return std::nullopt;
    }

    void warn_about(const DeliveryProgram& program) {
        const std::string path = tailor_.path(TailorEntry::program) + program.program;
        if (::access(path.c_str(), X_OK) != 0)
            console_.warning(facility, "NOFILE", path + " cannot be run");
    }

    ExitCode remove(const std::string& method) {
        if (names_all(method)) {
            std::string rest = text_;
            for (const auto& [name, program] : programs_) rest = config::without_method(rest, name);
            return write(rest, "DELETED", std::to_string(programs_.size()) + " methods");
        }
        if (!programs_.contains(method)) return unknown(method);
        return write(config::without_method(text_, method), "DELETED", method);
    }

    ExitCode unknown(const std::string& method) {
        console_.error(facility, "NOMETHOD", "there is no method " + method);
        return ExitCode::not_found;
    }

    ExitCode write(const std::string& text, std::string_view ident, const std::string& what) {
        const auto written =
            file_exists(path_) ? rewrite_file(path_, text) : replace_file(path_, text, 0640);
        if (!written) {
            console_.error(facility, "NOTWRITTEN", written.error().detail());
            return ExitCode::failed;
        }
        console_.info(facility, ident, what + "; imsimta cnbuild and reload put it into service");
        return ExitCode::done;
    }

    Console& console_;
    const CommandLine& line_;
    const config::Tailor& tailor_;
    std::string path_;
    std::string text_;
    config::DeliveryPrograms programs_;
};

ExitCode program(Invocation& invocation) {
    return ProgramList(invocation).run();
}

constexpr Switch switches[] = {
    {"a", Switch::Value::none, "add a method"},
    {"c", Switch::Value::none, "change a method"},
    {"d", Switch::Value::none, "delete a method, or all"},
    {"m", Switch::Value::word, "name of the method"},
    {"p", Switch::Value::word, "its program, a file in the directory IMTA_PROGRAM"},
    {"g", Switch::Value::word, "its arguments"},
    {"e", Switch::Value::word, "user or postmaster: as whom it runs"},
    {"u", Switch::Value::word, "account that it runs as"},
    {"json", Switch::Value::none, "one JSON object for each method"},
};

}  // namespace

const Command program_command = {
    .name = "program",
    .summary = "list or change the programs that pipe channels run",
    .switches = switches,
    .run = program,
};

}  // namespace sluice::utility
