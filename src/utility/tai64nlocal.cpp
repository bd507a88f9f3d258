// imsimta tai64nlocal: time stamps of qmail's logs in local time.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/unique_fd.h"
#include "multilog/tai64n.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TAI64NLOCAL";
constexpr std::size_t piece_size = 64UL << 10U;

/// Whatever comes is passed on at once, so that a log can be followed. errno of a failed read; 0.
int copy(int from, Console& console) {
    multilog::LocalTimeFilter filter(TimeZone::system());
    std::vector<char> piece(piece_size);
    std::string out;
    while (true) {
        const ssize_t size = ::read(from, piece.data(), piece.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return errno;
        if (size == 0) break;
        filter.feed({piece.data(), static_cast<std::size_t>(size)}, out);
        console.out() << out << std::flush;
        out.clear();
        if (!console.out()) return EPIPE;
    }
    filter.finish(out);
    console.out() << out << std::flush;
    return 0;
}

ExitCode run(Invocation& invocation) {
    Console& console = invocation.console();
    const auto& files = invocation.line().parameters();
    if (files.empty()) return copy(STDIN_FILENO, console) == 0 ? ExitCode::done : ExitCode::failed;
    for (const std::string& file : files) {
        const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        const int problem = fd ? copy(fd.get(), console) : errno;
        if (problem == 0) continue;
        console.error(facility, "NOTREAD", Error::from_errno(problem, file).detail());
        return ExitCode::failed;
    }
    return ExitCode::done;
}

}  // namespace

const Command tai64nlocal_command = {
    .name = "tai64nlocal",
    .summary = "show the time stamps of a multilog in local time",
    .parameters = "[file ...]",
    .most_parameters = any_number,
    .run = run,
};

}  // namespace sluice::utility
