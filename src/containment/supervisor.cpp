#include "containment/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/unique_fd.h"
#include "containment/process_tree.h"
#include "containment/sandbox.h"

namespace sluice::containment {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds watch_interval{50};
constexpr int cannot_run = 126;

/// Descriptor 3 is the channel to whoever asked; a command inherits none but 0, 1 and 2.
void close_others() {
    ::close_range(3, ~0U, 0);
}

void tell(int fd, const Applied& applied) {
    for (const std::string& text : applied) {
        const std::string line = text + '\n';
        if (::write(fd, line.data(), line.size()) < 0) return;
    }
}

/// The process that becomes the command. Does not return.
[[noreturn]] void become_command(
    const Job& job, bool own_spaces, bool own_proc, int notes, int input
) {
    Applied applied;
    ::signal(SIGPIPE, SIG_DFL);
    ::umask(077);
    const int read = input >= 0 ? input : ::open("/dev/null", O_RDONLY);
    if (read > 0) ::dup2(read, 0);
    if (::chdir(job.directory.c_str()) != 0) {
        tell(notes, {std::string("failed: working directory: ") + std::strerror(errno)});
        ::_exit(cannot_run);
    }
    set_limits(job.limits, own_spaces, applied);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        tell(notes, {"failed: privileges cannot be given up"});
        ::_exit(cannot_run);
    }
    restrict_files(job, own_proc, applied);
    restrict_calls(job.network, applied);
    tell(notes, applied);
    for (const std::string& text : applied) {
        if (!job.strict || !text.starts_with("no ")) continue;
        tell(notes, {"failed: " + text});
        ::_exit(cannot_run);
    }
    std::vector<std::string> words = job.arguments;
    if (words.empty()) words = {"/bin/sh", "-c", job.command};
    std::vector<std::string> variables;
    for (const auto& [name, value] : job.environment) variables.push_back(name + '=' + value);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    close_others();
    ::execve(arguments.front(), arguments.data(), environment.data());
    std::fprintf(stderr, "%s: %s\n", arguments.front(), std::strerror(errno));
    ::_exit(cannot_run);
}

/// The first process of the job's own space: gives the command what it needs there, waits for it,
/// and takes everything else with it when it ends. Without such a space only a fork on the way.
[[noreturn]] void run_below(const Job& job, bool own_spaces, int notes, int result, int input) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    bool own_proc = false;
    if (own_spaces) {
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        own_proc = ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
    }
    const pid_t command = ::fork();
    if (command == 0) {
        ::close(result);
        become_command(job, own_spaces, own_proc, notes, input);
    }
    ::close(notes);
    close_range(0, 2, 0);
    int status = 0;
    while (true) {
        int one = 0;
        const pid_t ended = ::wait(&one);
        if (ended == command) {
            status = one;
            break;
        }
        if (ended < 0 && errno != EINTR) break;
    }
    if (::write(result, &status, sizeof status) < 0) ::_exit(1);
    ::_exit(0);
}

struct Pipe {
    UniqueFd read;
    UniqueFd write;
    bool open() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        read.reset(ends[0]);
        write.reset(ends[1]);
        return true;
    }
};

class Supervisor {
public:
    Supervisor(const Job& job, int channel, int input)
        : job_(job), channel_(channel), input_(input) {}

    Report run() {
        Report report;
        if (!notes_.open() || !result_.open() || !output_.open()) {
            report.text = std::string("pipes: ") + std::strerror(errno);
            return report;
        }
        if (auto problem = become_account(job_.account); !problem.empty()) {
            report.text = std::move(problem);
            return report;
        }
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        const bool own_spaces = enter_namespaces(job_.network, report.applied);
        first_ = ::fork();
        if (first_ < 0) {
            report.text = std::string("fork: ") + std::strerror(errno);
            return report;
        }
        if (first_ == 0) {
            ::dup2(output_.write.get(), 1);
            ::dup2(output_.write.get(), 2);
            run_below(job_, own_spaces, notes_.write.get(), result_.write.get(), input_);
        }
        for (Pipe* pipe : {&notes_, &result_, &output_}) pipe->write.reset();
        watch(report);
        kill_all();
        drain(output_.read, report.output, max_kept_output);
        take_notes(report);
        return report;
    }

private:
    void watch(Report& report) {
        const Clock::time_point end = Clock::now() + job_.limits.wall_time;
        while (true) {
            std::array<pollfd, 3> ready{
                {{result_.read.get(), POLLIN, 0},
                 {output_.read.get(), POLLIN, 0},
                 {channel_, POLLIN, 0}}};
            ::poll(ready.data(), ready.size(), static_cast<int>(watch_interval.count()));
            if (ready[1].revents != 0) drain(output_.read, report.output, max_kept_output);
            if (ready[2].revents != 0) return set_failed(report, "nobody waits for it");
            if (ready[0].revents != 0) return take_result(report);
            if (Clock::now() >= end) {
                return set_limited(
                    report, std::to_string(job_.limits.wall_time.count()) + " s have passed"
                );
            }
            if (exceeds(report)) return;
        }
    }

    bool exceeds(Report& report) {
        const TreeUse use = processes_below(::getpid());
        // The first process of the space is ours.
        if (use.processes.size() > job_.limits.processes + 1) {
            set_limited(
                report, "more than " + std::to_string(job_.limits.processes) + " processes"
            );
        } else if (use.memory > job_.limits.memory) {
            set_limited(report, megabytes("more memory than ", job_.limits.memory));
        } else {
            check_disk(report);
        }
        return report.kind == Report::Kind::limited;
    }

    void check_disk(Report& report) const {
        if (!job_.own_directory) return;
        const DiskUse disk = disk_use(job_.directory.c_str());
        if (disk.largest >= job_.limits.file_size) {
            set_limited(report, megabytes("a file larger than ", job_.limits.file_size));
        } else if (disk.total > job_.limits.disk) {
            set_limited(report, megabytes("files larger than ", job_.limits.disk));
        }
    }

    static std::string megabytes(const char* what, std::uint64_t octets) {
        return what + std::to_string(octets >> 20U) + " MiB";
    }
    static void set_limited(Report& report, std::string text) {
        report.kind = Report::Kind::limited;
        report.text = std::move(text);
    }
    static void set_failed(Report& report, std::string text) {
        report.kind = Report::Kind::failed;
        report.text = std::move(text);
    }

    void take_result(Report& report) const {
        int status = 0;
        if (::read(result_.read.get(), &status, sizeof status) !=
            static_cast<ssize_t>(sizeof status))
            return set_failed(report, "it was killed from outside, perhaps for want of memory");
        report.kind = WIFSIGNALED(status) ? Report::Kind::killed : Report::Kind::exited;
        report.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
        // A shell passes on how its last program died.
        constexpr int by_signal = 128;
        const int signal =
            report.kind == Report::Kind::killed ? report.code : report.code - by_signal;
        if (signal == SIGXCPU)
            return set_limited(
                report, std::to_string(job_.limits.cpu_time.count()) + " s of CPU time are used"
            );
        check_disk(report);
        if (signal == SIGXFSZ && report.kind != Report::Kind::limited)
            set_limited(report, megabytes("a file larger than ", job_.limits.file_size));
    }

    /// Until nobody is left: who forks meanwhile is found in the next round, and limits end that.
    void kill_all() {
        if (first_ > 0) ::kill(first_, SIGKILL);
        const Clock::time_point end = Clock::now() + std::chrono::seconds(10);
        while (Clock::now() < end) {
            for (const pid_t pid : processes_below(::getpid()).processes) ::kill(pid, SIGKILL);
            pid_t ended = 0;
            while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
            }
            if (ended < 0 && errno == ECHILD) return;
            ::poll(nullptr, 0, 5);
        }
    }

    static void drain(const UniqueFd& from, std::string& to, std::size_t most) {
        ::fcntl(from.get(), F_SETFL, O_NONBLOCK);
        std::array<char, 4096> buffer{};
        while (true) {
            const ssize_t size = ::read(from.get(), buffer.data(), buffer.size());
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0) return;
            const std::size_t room = most - std::min(most, to.size());
            to.append(buffer.data(), std::min(room, static_cast<std::size_t>(size)));
            // Who writes without end must not keep the watch from its round.
            if (room == 0) return;
        }
    }

    void take_notes(Report& report) {
        constexpr std::size_t most = 4096;
        constexpr std::string_view failed = "failed: ";
        std::string notes;
        drain(notes_.read, notes, most);
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = notes.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            const std::string line = notes.substr(begin, end - begin);
            if (line.starts_with(failed)) {
                set_failed(report, line.substr(failed.size()));
            } else {
                report.applied.push_back(line);
            }
        }
    }

    const Job& job_;
    int channel_;
    int input_;
    Pipe notes_;
    Pipe result_;
    Pipe output_;
    pid_t first_ = -1;
};

}  // namespace

Report supervise(const Job& job, int channel, int input) {
    return Supervisor(job, channel, input).run();
}

}  // namespace sluice::containment
