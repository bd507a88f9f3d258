#include "utility/logconv_rotate.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"
#include "log_index/log_cursor.h"
#include "tracking/stamp.h"

namespace sluice::utility {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view facility = "LOGCONV";

std::vector<std::string> rotated_files(const std::string& directory) {
    std::vector<std::string> files;
    std::error_code failure;
    for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const std::string name = entry->path().filename();
        std::error_code ignored;
        if (name.starts_with("@4") && entry->is_regular_file(ignored))
            files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());  // labels sort by their times
    return files;
}

// ".../qmail-smtpd/log/main" -> "qmail-smtpd"
std::string service_of(const std::string& directory) {
    fs::path path = fs::path(directory).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    if (path.filename() == "main") path = path.parent_path();
    if (path.filename() == "log") path = path.parent_path();
    return path.filename();
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

/// The files that one rotated file is appended to: with all of its lines, or with none, so that it
/// can be tried again.
class Outputs {
public:
    Result<void> append(const std::string& path, std::string_view bytes) {
        Output output;
        output.fd.reset(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
        if (!output.fd) return Error::from_errno(errno, "open " + path);
        output.size = ::lseek(output.fd.get(), 0, SEEK_END);
        outputs_.push_back(std::move(output));
        const int fd = outputs_.back().fd.get();
        if (auto written = write_all(fd, bytes); !written) return written;
        if (::fsync(fd) != 0) return Error::from_errno(errno, "sync " + path);
        return sync_directory(directory_of(path));
    }
    void take_back() {
        for (const Output& output : outputs_) {
            if (output.size >= 0) (void)!::ftruncate(output.fd.get(), output.size);
        }
    }

private:
    struct Output {
        UniqueFd fd;
        off_t size = 0;  ///< before
    };
    std::vector<Output> outputs_;
};

// multilog's name for a file that is not synced yet changes once it is.
std::string name_by_now(const std::string& file) {
    if (!file.ends_with(".u") || file_exists(file)) return file;
    std::string safe = file.substr(0, file.size() - 1) + 's';
    return file_exists(safe) ? safe : file;
}

// One that multilog has removed meanwhile is as good.
Result<void> remove_rotated(const std::string& file) {
    for (const std::string& name : {file, name_by_now(file)}) {
        if (::unlink(name.c_str()) == 0) return {};
        if (errno != ENOENT) return Error::from_errno(errno, "remove " + name);
    }
    return {};
}

/// One rotated file, a day's lines at a time.
Result<void> convert_file(const std::string& file, const RotateRequest& request) {
    auto log = log_index::LogSource::open(name_by_now(file));
    if (!log) return std::move(log).error();
    std::vector<log_index::LogSource> logs;
    logs.push_back(std::move(*log));
    log_index::LogCursor cursor(logs);
    const tracking::StampSettings settings{TimeZone::system(), system_clock().wall_now()};
    const std::string pattern = replaced(request.pattern, "SERVICE", service_of(request.directory));
    std::map<std::string, std::string> by_day;
    std::string day = "undated";
    while (const auto line = cursor.next()) {
        const std::string text = tracking::restamped(*line, tracking::StampStyle::local, settings);
        if (log_index::time_of_line(*line, settings)) day = text.substr(0, 10);
        by_day[day] += text + '\n';
    }
    Outputs outputs;
    Result<void> done;
    for (const auto& [date, text] : by_day) {
        done = outputs.append(replaced(pattern, "DATE", date), text);
        if (!done) break;
    }
    if (done && !request.keep) done = remove_rotated(file);
    // A file that stays is read again the next time.
    if (!done) outputs.take_back();
    return done;
}

}  // namespace

ExitCode convert_rotated(Console& console, const RotateRequest& request) {
    unsigned long done = 0;
    unsigned long failed = 0;
    for (const std::string& file : rotated_files(request.directory)) {
        const auto converted = convert_file(file, request);
        if (converted) {
            ++done;
            continue;
        }
        ++failed;
        console.error(facility, "FAILED", converted.error().detail());
    }
    console.success(facility, "ROTATED", std::to_string(done) + " files");
    return exit_code_for(done, failed);
}

}  // namespace sluice::utility
