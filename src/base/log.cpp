#include "base/log.h"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log_versions.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::diag {

namespace {

/// Hundredths of the second, cut, as %*.
class Hundredths final : public spdlog::custom_flag_formatter {
public:
    void format(
        const spdlog::details::log_msg& message, const std::tm& /*time*/, spdlog::memory_buf_t& out
    ) override {
        constexpr int units = 100;
        const auto since = message.time.time_since_epoch();
        const auto hundredths =
            std::chrono::floor<std::chrono::duration<std::int64_t, std::centi>>(since).count();
        const auto value = static_cast<int>(hundredths % units);
        out.push_back(static_cast<char>('0' + value / 10));
        out.push_back(static_cast<char>('0' + value % 10));
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<Hundredths>();
    }
};

/// "hh:mm:ss.cc: L text".
std::unique_ptr<spdlog::formatter> line_format() {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<Hundredths>('*').set_pattern("%H:%M:%S.%*: %L %v");
    return formatter;
}

/// Only printable ASCII leaves: a log is read on terminals.
std::string plain(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!is_control(c) && byte < 0x80) {
            out += c;
        } else {
            out += "\\x";
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
    }
    return out;
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
    explicit FileSink(UniqueFd file) : file_(std::move(file)) {}
    /// Standard error, wherever that leads at the moment.
    FileSink() = default;

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        // A full disk costs the line: there is no better place to complain.
        (void)write_all(file_ ? file_.get() : STDERR_FILENO, {line.data(), line.size()});
    }
    void flush_() override {}

private:
    UniqueFd file_;
};

std::shared_ptr<spdlog::logger> logger_to(std::shared_ptr<FileSink> sink) {
    auto logger = std::make_shared<spdlog::logger>("log", std::move(sink));
    logger->set_formatter(line_format());
    return logger;
}

std::shared_ptr<spdlog::logger>& current() {
    static std::shared_ptr<spdlog::logger> logger = logger_to(std::make_shared<FileSink>());
    return logger;
}

void complain_about_log(const Error& error) {
    warning("component log not opened, using standard error: " + error.detail());
}

}  // namespace

void open_log(const std::string& path, Level least) {
    if (!path.empty()) {
        if (auto file = open_log_file(path)) {
            current() = logger_to(std::make_shared<FileSink>(std::move(*file)));
        } else {
            complain_about_log(file.error());
        }
    }
    set_level(least);
}

void open_log_version(const std::string& path, std::size_t versions, Level least) {
    auto version = create_log_version(path, versions);
    if (version) {
        ::dup2(version->file.get(), STDOUT_FILENO);
        ::dup2(version->file.get(), STDERR_FILENO);
        current() = logger_to(std::make_shared<FileSink>(std::move(version->file)));
    } else {
        complain_about_log(version.error());
    }
    set_level(least);
}

bool shows(Level level) {
    return current()->should_log(spdlog_level(level));
}

void set_level(Level least) {
    current()->set_level(spdlog_level(least));
}

void write(Level level, std::string_view text) {
    if (shows(level)) current()->log(spdlog_level(level), "{}", plain(text));
}

void fatal(std::string_view text) {
    current()->error("fatal: {}", plain(text));
    current()->flush();
    std::exit(75);  // NOLINT(concurrency-mt-unsafe): the end of the process is meant
}

void panic(std::string_view text) {
    current()->critical("panic: {}", plain(text));
    current()->flush();
    std::abort();
}

}  // namespace sluice::diag
