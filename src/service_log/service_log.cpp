#include "service_log/service_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/kill_point.h"
#include "base/line_file.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "service_log/retention.h"

namespace sluice::service_log {

namespace {

/// How often space and ages are looked at where nothing rotates.
constexpr std::chrono::seconds look_every{60};
constexpr std::size_t longest_note = 128;

std::uint64_t free_space_of(const std::string& directory) {
    struct statvfs status {};
    if (::statvfs(directory.c_str(), &status) != 0) return ~std::uint64_t{0};
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

std::int64_t seconds_of(WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string without_final_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

/// What the lock file remembers, so that numbers grow even when all retired files are gone.
struct Note {
    std::uint64_t last_number = 0;
    std::int64_t created = 0;  ///< of the current file
};

}  // namespace

/// The files, below the lock of this process.
class ServiceLog::File {
public:
    File(const std::string& service, const ServiceSettings& settings, const Writer& writer)
        : service_(service),
          settings_(settings),
          writer_(writer),
          directory_(without_final_slash(settings.directory)),
          path_(directory_ + '/' + service) {}

    ~File() {
        {
            const std::lock_guard guard(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        if (flusher_.joinable()) flusher_.join();
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    File(File&&) = delete;
    File& operator=(File&&) = delete;

    void write(const Line& line) {
        const std::lock_guard guard(mutex_);
        buffer_ += format_line(line, writer_.zone);
        const MonoTime now = writer_.clock->mono_now();
        if (buffer_.size() > settings_.buffer_size || now - flushed_ >= settings_.flush_interval)
            return write_buffer();
        if (!flusher_.joinable()) flusher_ = std::thread([this] { flush_in_time(); });
        changed_.notify_all();
    }

    void flush() {
        const std::lock_guard guard(mutex_);
        write_buffer();
    }

    std::string failure() {
        const std::lock_guard guard(mutex_);
        return failure_;
    }

private:
    /// The last event of a busy hour is not to wait for the next one.
    void flush_in_time() {
        std::unique_lock lock(mutex_);
        while (!ending_) {
            changed_.wait(lock, [this] { return ending_ || !buffer_.empty(); });
            changed_.wait_for(lock, settings_.flush_interval, [this] { return ending_; });
            write_buffer();
        }
    }

    void write_buffer() {
        flushed_ = writer_.clock->mono_now();
        if (buffer_.empty()) return;
        failure_.clear();
        if (auto written = append(); !written) failure_ = written.error().detail();
        buffer_.clear();
    }

    Result<void> append() {
        if (auto locked = lock(); !locked) return locked;
        auto written = append_locked();
        ::flock(lock_.get(), LOCK_UN);
        return written;
    }

    Result<void> append_locked() {
        const WallTime wall = writer_.clock->wall_now();
        if (auto ready = prepare(seconds_of(wall)); !ready) return ready;
        return put(buffer_);
    }

    /// A writer that was killed, or whose disk was full, may have left half a line: nothing joins
    /// it.
    Result<void> put(const std::string& lines) {
        struct stat status {};
        if (::fstat(fd_.get(), &status) == 0 && ends_in_mid_line(fd_.get(), status.st_size))
            return write_all(fd_.get(), '\n' + lines);
        return write_all(fd_.get(), lines);
    }

    /// A lock file that was removed protects from nobody: the others lock the new one.
    Result<void> lock() {
        while (true) {
            if (auto opened = open_lock(); !opened) return opened;
            while (::flock(lock_.get(), LOCK_EX) != 0) {
                if (errno != EINTR) return Error::from_errno(errno, "lock " + path_ + ".lock");
            }
            struct stat status {};
            if (::fstat(lock_.get(), &status) != 0 || status.st_nlink > 0) return {};
            lock_.reset();
        }
    }

    Result<void> open_lock() {
        if (lock_) return {};
        if (auto made = make_directories(directory_, 0750); !made) return made;
        constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
        lock_.reset(::open((path_ + ".lock").c_str(), flags, 0640));
        if (!lock_) return Error::from_errno(errno, "open " + path_ + ".lock");
        return {};
    }

    /// The current file is open, within its limits, and the old ones are within theirs.
    Result<void> prepare(std::int64_t now) {
        note_ = read_note();
        auto current = open_current();
        if (!current) return std::move(current).error();
        if (current->size == 0) return begin_file(now);
        if (current->created == 0) current->created = now;  // the note was lost: count from here
        note_.created = current->created;
        if (must_rotate(*current, buffer_.size(), now, settings_)) {
            const auto retired = retire(*current);
            if (!retired) return go_on_with(*current, now, retired.error());
            stuck_ = false;
            kill_point("service_log.retired");
            if (auto opened = open_current(); !opened) return std::move(opened).error();
            return begin_file(now);
        }
        const MonoTime mono = writer_.clock->mono_now();
        if (looked_ && mono - *looked_ < look_every) return {};
        return remove_old(*current, now);
    }

    /// A file that cannot be retired is written on: events count for more than limits.
    Result<void> go_on_with(const CurrentFile& current, std::int64_t now, const Error& why) {
        if (!std::exchange(stuck_, true)) diag::warning(why.detail() + "; the file is written on");
        return remove_old(current, now);
    }

    Result<CurrentFile> open_current() {
        struct stat there {};
        struct stat ours {};
        const bool same = fd_ && ::fstat(fd_.get(), &ours) == 0 &&
                          ::lstat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
                          ours.st_dev == there.st_dev;
        if (!same) {
            constexpr int flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
            fd_.reset(::open(path_.c_str(), flags, 0640));
            if (!fd_ || ::fstat(fd_.get(), &ours) != 0)
                return Error::from_errno(errno, "open " + path_);
            if (!S_ISREG(ours.st_mode)) {
                fd_.reset();
                return Error::temporary(
                    {4, 3, 5}, "local system error", path_ + " is not a regular file"
                );
            }
        }
        return CurrentFile{static_cast<std::uint64_t>(ours.st_size), note_.created};
    }

    /// A new file says when it was begun, which is also what its name will say.
    Result<void> begin_file(std::int64_t now) {
        note_.created = now;
        // Without it the file's age counts from the next look, and the number from what is there.
        (void)write_note();
        kill_point("service_log.noted");
        const std::string text = "Log created (" + std::to_string(now) + ')';
        const auto said = say(Category::general, Level::notice, text);
        // On a full disk this is what makes room.
        auto removed = remove_old(CurrentFile{0, now}, now);
        return said ? std::move(removed) : said;
    }

    Result<void> say(Category category, Level level, std::string_view message) {
        Line line;
        line.time = writer_.clock->wall_now();
        line.host = writer_.host;
        line.process = writer_.process;
        line.pid = static_cast<std::uint64_t>(::getpid());
        line.category = category;
        line.level = level;
        line.message = message;
        return put(format_line(line, writer_.zone));
    }

    Result<void> retire(const CurrentFile& current) {
        std::uint64_t last = note_.last_number;
        for (const RetiredFile& file : retired_files()) last = std::max(last, file.number);
        note_.last_number = last + 1;
        // The number is taken before it is used: a crash in between leaves a gap and no double.
        if (auto noted = write_note(); !noted) return noted;
        const std::string name =
            retired_name(service_, RetiredFile{note_.last_number, current.created, 0});
        if (std::rename(path_.c_str(), (directory_ + '/' + name).c_str()) != 0)
            return Error::from_errno(errno, "rename " + path_ + " to " + name);
        fd_.reset();
        return {};
    }

    std::vector<RetiredFile> retired_files() const {
        namespace fs = std::filesystem;
        std::vector<RetiredFile> files;
        std::error_code problem;
        for (fs::directory_iterator entry(directory_, problem), end; !problem && entry != end;
             entry.increment(problem)) {
            auto file = parse_retired_name(service_, entry->path().filename().string());
            if (!file) continue;
            struct stat status {};
            if (::lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
            file->size = static_cast<std::uint64_t>(status.st_size);
            files.push_back(*file);
        }
        return files;
    }

    Result<void> remove_old(const CurrentFile& current, std::int64_t now) {
        looked_ = writer_.clock->mono_now();
        const std::uint64_t free_space =
            writer_.free_space ? writer_.free_space(directory_) : free_space_of(directory_);
        const Removal removal =
            files_to_remove({retired_files(), current, free_space}, now, settings_);
        for (const RetiredFile& file : removal.files)
            ::unlink((directory_ + '/' + retired_name(service_, file)).c_str());
        const bool first = removal.still_too_little_space && !complained_;
        complained_ = removal.still_too_little_space;
        if (!first) return {};
        return say(
            Category::general, Level::critical,
            "less than " + std::to_string(settings_.min_free_space) + " bytes free for logs in " +
                directory_
        );
    }

    Note read_note() const {
        std::array<char, longest_note> text{};
        const ssize_t count = ::pread(lock_.get(), text.data(), text.size(), 0);
        Note note;
        if (count <= 0) return note;
        std::string_view line(text.data(), static_cast<std::size_t>(count));
        line = line.substr(0, line.find('\n'));
        const auto words = split(line, ' ');
        if (words.size() != 2) return note;
        note.last_number = std::min(parse_unsigned(words[0]).value_or(0), highest_number);
        note.created = std::max<std::int64_t>(0, parse_signed(words[1]).value_or(0));
        return note;
    }

    Result<void> write_note() {
        const std::string line =
            std::to_string(note_.last_number) + ' ' + std::to_string(note_.created) + '\n';
        const ssize_t count = ::pwrite(lock_.get(), line.data(), line.size(), 0);
        if (count == static_cast<ssize_t>(line.size())) return {};
        return Error::from_errno(count < 0 ? errno : ENOSPC, "write " + path_ + ".lock");
    }

    const std::string& service_;
    const ServiceSettings& settings_;
    const Writer& writer_;
    const std::string directory_;
    const std::string path_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread flusher_;  ///< begins with the first event that waits in the buffer
    std::string buffer_;
    MonoTime flushed_{};
    std::string failure_;
    UniqueFd lock_;
    UniqueFd fd_;
    Note note_;
    std::optional<MonoTime> looked_;
    bool complained_ = false;
    bool stuck_ = false;  ///< the file should be retired and cannot
};

Writer writer_for(std::string process) {
    std::array<char, 256> name{};
    Writer writer;
    if (::gethostname(name.data(), name.size() - 1) == 0) {
        writer.host = name.data();
        writer.host = writer.host.substr(0, writer.host.find('.'));
    }
    writer.process = std::move(process);
    return writer;
}

ServiceLog::ServiceLog(std::string service, ServiceSettings settings, Writer writer)
    : service_(std::move(service)),
      settings_(std::move(settings)),
      writer_(std::move(writer)),
      file_(std::make_unique<File>(service_, settings_, writer_)) {}

ServiceLog::~ServiceLog() {
    flush();
}

void ServiceLog::write(Category category, Level level, std::string_view message) {
    if (!logs(level)) return;
    Line line;
    line.time = writer_.clock->wall_now();
    line.host = writer_.host;
    line.process = writer_.process;
    line.pid = static_cast<std::uint64_t>(::getpid());
    line.category = category;
    line.level = level;
    line.message = message;
    if (!settings_.syslog_facility) {
        file_->write(line);
    } else if (writer_.syslog) {
        writer_.syslog(*settings_.syslog_facility | syslog_level(level), format_event(line));
    }
}

void ServiceLog::flush() {
    file_->flush();
}

std::string ServiceLog::failure() const {
    return file_->failure();
}

}  // namespace sluice::service_log
