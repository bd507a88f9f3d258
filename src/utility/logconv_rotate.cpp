#include "utility/logconv_rotate.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>

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
    for (const auto& entry : fs::directory_iterator(directory, failure)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("@4") && entry.is_regular_file(failure)) files.push_back(entry.path());
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

Result<void> append_durably(const std::string& path, std::string_view bytes) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
    if (!fd) return Error::from_errno(errno, "open " + path);
    if (auto written = write_all(fd.get(), bytes); !written) return written;
    if (::fsync(fd.get()) != 0) return Error::from_errno(errno, "sync " + path);
    return sync_directory(directory_of(path));
}

/// One rotated file, a day's lines at a time.
Result<void> convert_file(const std::string& file, const RotateRequest& request) {
    auto log = log_index::LogSource::open(file);
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
    for (const auto& [date, text] : by_day) {
        auto appended = append_durably(replaced(pattern, "DATE", date), text);
        if (!appended) return appended;
    }
    if (!request.keep && ::unlink(file.c_str()) != 0)
        return Error::from_errno(errno, "remove " + file);
    return {};
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
