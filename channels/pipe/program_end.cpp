#include "program_end.h"

#include <cstring>
#include <optional>

#include "base/bytes.h"

namespace sluice::pipe {

using dequeue::Disposition;

namespace {

constexpr std::size_t most_output = 400;

struct ExitRow {
    int code;
    StatusCode status;
    std::string_view text;
};

// sysexits(3), the codes as other mailers report them.
constexpr ExitRow known_exits[] = {
    {64, {4, 3, 5}, "it was called the wrong way"},
    {65, {5, 6, 0}, "it does not understand the message"},
    {66, {4, 3, 0}, "a file that it reads is missing"},
    {67, {5, 1, 1}, "it knows no such user"},
    {68, {5, 1, 2}, "it knows no such host"},
    {69, {5, 3, 0}, "its service is not available"},
    {70, {4, 3, 0}, "it found an error in itself"},
    {71, {4, 3, 0}, "the operating system failed it"},
    {72, {4, 3, 5}, "a file of the system is missing"},
    {73, {4, 2, 0}, "it cannot make its output file"},
    {74, {4, 3, 0}, "it could not read or write"},
    {75, {4, 3, 0}, "it asks to try again later"},
    {76, {5, 5, 0}, "what it speaks with breaks the rules"},
    {77, {5, 7, 0}, "it does not have the permission"},
    {78, {4, 3, 5}, "its configuration is wrong"},
    {100, {5, 3, 0}, "it refuses the message"},
    {111, {4, 3, 0}, "it asks to try again later"},
    {126, {4, 3, 5}, "it cannot be run"},
    {127, {4, 3, 5}, "it cannot be found"},
};

struct End {
    StatusCode status;
    std::string text;
};

End end_by_exit(int code) {
    const std::string number = "exit status " + std::to_string(code);
    for (const ExitRow& row : known_exits) {
        if (row.code == code) return {row.status, number + ": " + std::string(row.text)};
    }
    return {{4, 3, 0}, number};
}

End end_of(const containment::Report& report) {
    using Kind = containment::Report::Kind;
    switch (report.kind) {
        case Kind::exited:
            return end_by_exit(report.code);
        case Kind::killed: {
            const char* const name = ::sigabbrev_np(report.code);
            return {
                {4, 3, 0},
                "killed by signal " +
                    (name != nullptr ? std::string("SIG") + name : std::to_string(report.code))};
        }
        case Kind::limited:
            return {{4, 3, 0}, "stopped: " + report.text};
        case Kind::failed:
            break;
    }
    return {{4, 3, 5}, "not run: " + report.text};
}

}  // namespace

std::string quoted_output(std::string_view output, std::size_t most) {
    std::string clean;
    bool blank = true;
    for (const char c : output) {
        const bool is_space = is_control(c) || c == ' ';
        if (!is_space) {
            clean += static_cast<unsigned char>(c) < 0x80 ? c : '?';
        } else if (!blank) {
            clean += ' ';
        }
        blank = is_space;
    }
    while (clean.ends_with(' ')) clean.pop_back();
    if (clean.size() <= most) return clean;
    return "... " + clean.substr(clean.size() - (most - 4));
}

Disposition disposition_of(
    const containment::Report& report, const std::string& method, config::LimitAction on_limit
) {
    using Kind = containment::Report::Kind;
    const std::string said = quoted_output(report.output, most_output);
    const std::string program = "program " + method;
    if (report.kind == Kind::exited && report.code == 0)
        return Disposition::delivered(said.empty() ? program : program + ": " + said);
    const End end = end_of(report);
    std::string text = program + ": " + end.text;
    if (!said.empty()) text += "; it said: " + said;
    if (end.status.status_class == 5) return Disposition::failed(end.status, text);
    if (report.kind == Kind::limited && on_limit == config::LimitAction::hold)
        return Disposition::held("policy: " + text);
    return Disposition::deferred(end.status, text);
}

}  // namespace sluice::pipe
