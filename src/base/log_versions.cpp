#include "base/log_versions.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>

#include "base/base36.h"
#include "base/file.h"

namespace sluice {

namespace {

constexpr std::string_view log_ending = ".log";
constexpr std::size_t time_digits = 10;
constexpr std::size_t pid_digits = 4;

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// Versions that came to be in one microsecond of one process get different times.
Result<NewLogVersion> make_version(const std::string& path) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const auto pid = static_cast<std::uint64_t>(::getpid());
    WallTime time = system_clock().wall_now();
    for (int attempt = 0; attempt < 100; ++attempt, time += std::chrono::microseconds(1)) {
        NewLogVersion version{{}, path + '-' + version_id(time, pid)};
        version.file.reset(::open(version.path.c_str(), flags, 0640));
        if (version.file) {
            ::flock(version.file.get(), LOCK_SH | LOCK_NB);
            return version;
        }
        if (errno != EEXIST) break;
    }
    return Error::from_errno(errno, "create a version of " + path);
}

/// What an installation that knew no versions left there.
void make_version_of_plain_file(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    const WallTime time = WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
    std::rename(path.c_str(), (path + '-' + version_id(time, 0)).c_str());
}

/// Readers see the old or the new target, never none.
Result<void> point_link_to(const std::string& path, const std::string& target) {
    const std::string temporary = target + ".link";
    ::unlink(temporary.c_str());
    if (::symlink(name_of(target).c_str(), temporary.c_str()) != 0)
        return Error::from_errno(errno, "make link " + temporary);
    if (std::rename(temporary.c_str(), path.c_str()) == 0) return {};
    const Error error = Error::from_errno(errno, "rename link to " + path);
    ::unlink(temporary.c_str());
    return error;
}

}  // namespace

std::string version_id(WallTime time, std::uint64_t pid) {
    const auto since = std::max<std::int64_t>((time - unique_epoch).count(), 0);
    return format_base36(static_cast<std::uint64_t>(since), time_digits) +
           format_base36(pid, pid_digits);
}

std::optional<LogVersion> LogVersion::parse(std::string_view file_name) {
    if (file_name.size() <= version_id_length + 1) return std::nullopt;
    const std::size_t dash = file_name.size() - version_id_length - 1;
    const std::string_view base = file_name.substr(0, dash);
    const std::string_view id = file_name.substr(dash + 1);
    if (file_name[dash] != '-' || !base.ends_with(log_ending) || base.size() == log_ending.size())
        return std::nullopt;
    if (base == "mail.log" || base == "connection.log") return std::nullopt;
    const auto micros = parse_base36(id.substr(0, time_digits));
    if (!micros || !parse_base36(id.substr(time_digits))) return std::nullopt;
    return LogVersion{
        std::string(file_name), std::string(base),
        unique_epoch + std::chrono::microseconds(*micros)};
}

Result<std::vector<LogVersion>> list_log_versions(const std::string& directory) {
    namespace fs = std::filesystem;
    std::vector<LogVersion> versions;
    std::error_code problem;
    for (fs::directory_iterator entry(directory, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        if (auto version = LogVersion::parse(entry->path().filename().string()))
            versions.push_back(std::move(*version));
    }
    if (problem) return Error::from_errno(problem.value(), "read directory " + directory);
    std::sort(versions.begin(), versions.end(), [](const LogVersion& a, const LogVersion& b) {
        return std::pair(a.started, a.name) < std::pair(b.started, b.name);
    });
    return versions;
}

Result<NewLogVersion> create_log_version(const std::string& path, std::size_t limit) {
    make_version_of_plain_file(path);
    auto version = make_version(path);
    if (!version) return version;
    // Without the link or with too many old versions the new one still serves.
    (void)point_link_to(path, version->path);
    if (limit > 0) (void)remove_surplus_versions(directory_of(path), limit, name_of(path));
    return version;
}

Result<bool> remove_unused_version(const std::string& directory, const LogVersion& version) {
    const std::string path = directory + '/' + version.name;
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const UniqueFd file(::open(path.c_str(), flags));
    if (!file) {
        if (errno == ENOENT) return true;
        return Error::from_errno(errno, "open " + path);
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        return Error::from_errno(errno, "lock " + path);
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return Error::from_errno(errno, "remove " + path);
    return true;
}

Result<std::size_t> remove_surplus_versions(
    const std::string& directory, std::size_t limit, std::string_view base
) {
    auto versions = list_log_versions(directory);
    if (!versions) return std::move(versions).error();
    std::map<std::string, std::vector<LogVersion>> logs;
    for (LogVersion& version : *versions) {
        if (base.empty() || version.base == base) logs[version.base].push_back(std::move(version));
    }
    std::size_t removed = 0;
    std::optional<Error> failure;
    for (const auto& [name, ages] : logs) {
        for (std::size_t i = 0; i + limit < ages.size(); ++i) {
            auto gone = remove_unused_version(directory, ages[i]);
            if (!gone) {
                failure = std::move(gone).error();
            } else if (*gone) {
                ++removed;
            }
        }
    }
    if (failure) return *failure;
    return removed;
}

}  // namespace sluice
