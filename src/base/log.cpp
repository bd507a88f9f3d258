#include "base/log.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::diag {

namespace {

constexpr const char* line_pattern = "%H:%M:%S.%e: %^%L%$ %v";

std::shared_ptr<spdlog::logger>& current() {
    static std::shared_ptr<spdlog::logger> logger = [] {
        auto to_stderr = std::make_shared<spdlog::logger>(
            "stderr", std::make_shared<spdlog::sinks::stderr_sink_mt>()
        );
        to_stderr->set_pattern(line_pattern);
        return to_stderr;
    }();
    return logger;
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
    }
    return spdlog::level::warn;
}

/// Whoever may write to the log directory must not turn a log into a pen for another file: no links
/// of either kind, no foreign file, and nothing that could make us wait.
Result<UniqueFd> open_log_file(const std::string& path) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    UniqueFd fd(::open(path.c_str(), flags, 0640));
    if (!fd) return Error::from_errno(errno, "open " + path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return Error::from_errno(errno, "stat " + path);
    const bool ours = status.st_uid == ::geteuid() || status.st_uid == 0;
    if (S_ISREG(status.st_mode) && status.st_nlink == 1 && ours) return fd;
    return Error::temporary(
        {4, 3, 5}, "local system error", path + " is no plain file of this account"
    );
}

/// Appends each line with one write, so that processes that share a log do not mix their lines.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FileSink(UniqueFd fd) : fd_(std::move(fd)) {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        // A full disk costs the line: there is no better place to complain.
        (void)write_all(fd_.get(), {line.data(), line.size()});
    }
    void flush_() override {}

private:
    UniqueFd fd_;
};

}  // namespace

void open_log(const std::string& path, Level least) {
    if (!path.empty()) {
        auto file = open_log_file(path);
        if (file) {
            current() = std::make_shared<spdlog::logger>(
                "file", std::make_shared<FileSink>(std::move(*file))
            );
            current()->set_pattern(line_pattern);
        } else {
            warning("component log not opened, using standard error: " + file.error().detail());
        }
    }
    set_level(least);
}

void set_level(Level least) {
    current()->set_level(spdlog_level(least));
}

void write(Level level, std::string_view text) {
    if (!current()->should_log(spdlog_level(level))) return;
    current()->log(spdlog_level(level), "{}", printable(text));
}

void fatal(std::string_view text) {
    current()->error("fatal: {}", printable(text));
    current()->flush();
    std::exit(75);  // NOLINT(concurrency-mt-unsafe): the end of the process is meant
}

void panic(std::string_view text) {
    current()->critical("panic: {}", printable(text));
    current()->flush();
    std::abort();
}

}  // namespace sluice::diag
