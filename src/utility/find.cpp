// imsimta find, view: versions of log files.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "utility/json_line.h"
#include "utility/log_files.h"
#include "utility/pager.h"
#include "utility/printable.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "IMTA";

/// The file that the pattern and -f or -l mean, or the exit code after saying why there is none.
struct Choice {
    std::optional<LogFile> file;
    ExitCode code = ExitCode::done;
};

std::optional<std::size_t> position(const CommandLine& line, std::string_view name, bool& bad) {
    if (!line.has(name)) return std::nullopt;
    const auto number = parse_unsigned(line.value(name).value_or(""));
    bad = bad || !number;
    return number ? std::optional<std::size_t>(*number) : std::nullopt;
}

Choice choose(Invocation& invocation) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    bool bad = false;
    const auto from_oldest = position(line, "f", bad);
    const auto from_newest = position(line, "l", bad);
    if (bad || (from_oldest && from_newest)) {
        console.error(facility, "VALUE", "say -f=number or -l=number");
        return {std::nullopt, ExitCode::usage};
    }
    const std::string& pattern = line.parameters().front();
    const std::string& directory = invocation.instance()->tailor.path(config::TailorEntry::log);
    auto files = find_log_files(log_pattern(pattern, directory));
    if (!files) {
        console.error(facility, "NOTREAD", files.error().detail());
        return {std::nullopt, ExitCode::failed};
    }
    const std::size_t index = from_oldest.value_or(from_newest.value_or(0));
    if (index >= files->size()) {
        const std::string count = std::to_string(files->size());
        console.error(facility, "NOFILE", pattern + ": there are " + count + " such files");
        return {std::nullopt, ExitCode::not_found};
    }
    return {(*files)[from_oldest ? index : files->size() - 1 - index], ExitCode::done};
}

ExitCode find(Invocation& invocation) {
    const Choice choice = choose(invocation);
    if (!choice.file) return choice.code;
    if (invocation.line().has("json")) {
        JsonLine json;
        json.add("path", choice.file->path).add("time", choice.file->time);
        invocation.console().line(json.to_string());
    } else {
        invocation.console().line(printable_text(choice.file->path));
    }
    return ExitCode::done;
}

/// What is in the file may come from anywhere; lines stay lines.
Result<void> print_file(std::ostream& out, const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file) return Error::from_errno(errno, "open " + path);
    std::array<char, 65536> buffer{};
    ssize_t count = 0;
    while ((count = ::read(file.get(), buffer.data(), buffer.size())) != 0) {
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error::from_errno(errno, "read " + path);
        for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
            if (is_control(c) && c != '\n' && c != '\t') {
                out << printable(std::string_view(&c, 1));
            } else {
                out << c;
            }
        }
    }
    return {};
}

ExitCode view(Invocation& invocation) {
    const Choice choice = choose(invocation);
    if (!choice.file) return choice.code;
    Console& console = invocation.console();
    const bool to_person = &console.out() == &std::cout && ::isatty(STDOUT_FILENO) == 1;
    const auto shown =
        to_person ? show_in_pager(choice.file->path) : print_file(console.out(), choice.file->path);
    if (shown) return ExitCode::done;
    console.error(facility, "NOTREAD", shown.error().detail());
    return ExitCode::failed;
}

constexpr Switch find_switches[] = {
    {"f", Switch::Value::required, "the n-th counted from the oldest, which is 0"},
    {"l", Switch::Value::required, "the n-th counted from the newest, which is 0"},
    {"json", Switch::Value::none, "one JSON object"},
};
constexpr Switch view_switches[] = {
    {"f", Switch::Value::required, "the n-th counted from the oldest, which is 0"},
    {"l", Switch::Value::required, "the n-th counted from the newest, which is 0"},
};

}  // namespace

const Command find_command = {
    .name = "find",
    .summary = "name a version of a log file",
    .parameters = "pattern",
    .switches = find_switches,
    .least_parameters = 1,
    .most_parameters = 1,
    .run = find,
};

const Command view_command = {
    .name = "view",
    .summary = "show a version of a log file",
    .parameters = "pattern",
    .switches = view_switches,
    .least_parameters = 1,
    .most_parameters = 1,
    .run = view,
};

}  // namespace sluice::utility
