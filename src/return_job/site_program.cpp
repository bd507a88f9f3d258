#include "return_job/site_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "base/file.h"
#include "base/unique_fd.h"

namespace sluice::return_job {

namespace {

using Time = std::chrono::steady_clock::time_point;

/// Cuts output into lines and keeps to the limits.
class Lines {
public:
    explicit Lines(const std::function<void(std::string_view)>& take) : take_(take) {}

    void add(std::string_view bytes) {
        const std::uint64_t room = max_output - kept_;
        if (bytes.size() > room) {
            dropped_ += bytes.size() - room;
            bytes = bytes.substr(0, static_cast<std::size_t>(room));
        }
        kept_ += bytes.size();
        for (const char c : bytes) {
            if (c != '\n') line_ += c;
            if (c == '\n' || line_.size() >= max_output_line) flush();
        }
    }
    void end() {
        if (!line_.empty()) flush();
    }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

private:
    void flush() {
        take_(line_);
        line_.clear();
    }

    const std::function<void(std::string_view)>& take_;
    std::string line_;
    std::uint64_t kept_ = 0;
    std::uint64_t dropped_ = 0;
};

/// In the place of a wait status; no such status exists.
constexpr int unknown_end = -1;

struct Pipe {
    UniqueFd reader;
    UniqueFd writer;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "pipe");
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    ::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK);
    return pipe;
}

class SpawnPlan {
public:
    SpawnPlan(const SiteProgram& program, int output) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
        ::posix_spawn_file_actions_addchdir_np(&actions_, program.directory.c_str());
        sigset_t none;
        sigset_t usual;
        ::sigemptyset(&none);
        ::sigemptyset(&usual);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, SIGQUIT})
            ::sigaddset(&usual, signal);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &usual);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        );
    }
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    Result<pid_t> start(const SiteProgram& program) {
        std::string name = program.path;
        std::array<char*, 2> words{name.data(), nullptr};
        std::vector<std::string> texts = program.environment;
        std::vector<char*> environment;
        environment.reserve(texts.size() + 1);
        for (std::string& text : texts) environment.push_back(text.data());
        environment.push_back(nullptr);
        pid_t pid = -1;
        const int code = ::posix_spawn(
            &pid, program.path.c_str(), &actions_, &attributes_, words.data(), environment.data()
        );
        if (code != 0) return Error::from_errno(code, "start " + program.path);
        return pid;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// The running program; dead and waited for at the latest when this goes.
class Run {
public:
    Run(pid_t pid, UniqueFd output, Lines& lines)
        : pid_(pid),
          ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
          output_(std::move(output)),
          lines_(lines) {}
    ~Run() {
        if (!status_) {
            ::kill(-pid_, SIGKILL);
            (void)reap(0);
        }
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    /// Takes output until the program ends or it is `until`. Whether it ended.
    bool follow(Time until) {
        while (!reap(WNOHANG)) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now()
            );
            if (left.count() <= 0) return false;
            std::array<pollfd, 2> waited{
                pollfd{ended_.get(), POLLIN, 0}, pollfd{output_.get(), POLLIN, 0}};
            // Should the kernel have no pidfd to wait for, the end is looked for now and then.
            const auto most =
                ended_ ? std::chrono::milliseconds(60000) : std::chrono::milliseconds(200);
            ::poll(waited.data(), waited.size(), static_cast<int>(std::min(left, most).count()));
            if (waited[1].revents != 0) drain();
        }
        drain();
        return true;
    }
    void signal_group(int signal) const { ::kill(-pid_, signal); }
    [[nodiscard]] int status() const { return status_.value_or(0); }

private:
    bool reap(int flags) {
        if (status_) return true;
        int status = 0;
        pid_t found = 0;
        do {
            found = ::waitpid(pid_, &status, flags);
        } while (found < 0 && errno == EINTR);
        if (found == 0) return false;
        // Nobody knows how it ended where somebody else waited for it: that is no success.
        status_ = found == pid_ ? status : unknown_end;
        return true;
    }
    /// As much as a pipe holds at most: one that is filled as fast as it is read must not keep us
    /// from looking at the clock.
    void drain() {
        std::array<char, 16384> buffer{};
        for (int reads = 0; output_ && reads < 4; ++reads) {
            const ssize_t count = ::read(output_.get(), buffer.data(), buffer.size());
            if (count > 0) {
                lines_.add({buffer.data(), static_cast<std::size_t>(count)});
                continue;
            }
            if (count < 0 && errno == EINTR) continue;
            if (count == 0) output_.reset();  // closed: poll(2) would return at once for ever
            return;
        }
    }

    pid_t pid_;
    UniqueFd ended_;
    UniqueFd output_;
    Lines& lines_;
    std::optional<int> status_;
};

std::string end_text(int status) {
    if (status == unknown_end) return "an end that is not known";
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<SiteProgramEnd> run_site_program(
    const SiteProgram& program, const std::function<void(std::string_view)>& line
) {
    auto pipe = make_pipe();
    if (!pipe) return std::move(pipe).error();
    const auto begin = std::chrono::steady_clock::now();
    auto pid = SpawnPlan(program, pipe->writer.get()).start(program);
    pipe->writer.reset();
    if (!pid) return std::move(pid).error();
    Lines lines(line);
    SiteProgramEnd end;
    {
        Run run(*pid, std::move(pipe->reader), lines);
        if (run.follow(begin + program.limit)) {
            end.clean = run.status() != unknown_end && WIFEXITED(run.status()) &&
                        WEXITSTATUS(run.status()) == 0;
            end.text = end_text(run.status());
        } else {
            run.signal_group(SIGTERM);
            (void)run.follow(std::chrono::steady_clock::now() + program.grace);
            run.signal_group(SIGKILL);
            const auto seconds = std::chrono::ceil<std::chrono::seconds>(program.limit).count();
            end.text = "stopped after " + std::to_string(seconds) + " s";
        }
    }
    lines.end();
    end.dropped_bytes = lines.dropped();
    return end;
}

}  // namespace sluice::return_job
