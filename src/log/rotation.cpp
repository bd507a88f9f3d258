#include "log/rotation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "base/time_zone.h"

namespace sluice::log {

namespace {

constexpr std::string_view pattern = "00000000T000000.000000";

bool is_stamp(std::string_view text) {
    return text.size() == pattern.size() &&
           std::equal(text.begin(), text.end(), pattern.begin(), [](char is, char like) {
               return like == '0' ? is_digit(is) : is == like;
           });
}

bool is_full(const std::string& path, std::uint64_t size) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           static_cast<std::uint64_t>(status.st_size) >= size;
}

/// Nobody has this name; the time moves on until that is so.
std::string fresh_name(const std::string& path) {
    WallTime now = system_clock().wall_now();
    std::string name = rotated_name(path, now);
    while (file_exists(name)) name = rotated_name(path, now += std::chrono::microseconds(1));
    return name;
}

void remove_old(const std::string& path, std::size_t keep) {
    if (keep == 0) return;
    const std::vector<std::string> files = rotated_files(path);
    for (std::size_t i = 0; i + keep < files.size(); ++i) ::unlink(files[i].c_str());
}

}  // namespace

std::string rotated_name(const std::string& path, WallTime time) {
    const CivilTime utc = civil_time(time, TimeZone());
    std::array<char, 64> stamp{};
    std::snprintf(
        stamp.data(), stamp.size(), ".%04d%02u%02uT%02u%02u%02u.%06u", utc.year, utc.month, utc.day,
        utc.hour, utc.minute, utc.second, utc.microsecond
    );
    return path + stamp.data();
}

std::vector<std::string> rotated_files(const std::string& path) {
    const std::string directory = directory_of(path);
    const std::string begin = path.substr(path.rfind('/') + 1) + '.';
    std::vector<std::string> found;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(begin) && is_stamp(std::string_view(name).substr(begin.size())))
            found.push_back(entry->path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

void rotate_if_full(const std::string& path, const Rotation& rotation, WriterLock& lock) {
    if (rotation.size == 0 || !is_full(path, rotation.size)) return;
    if (!lock.lock_exclusive()) return;
    bool done = false;
    if (is_full(path, rotation.size)) {  // else another process was faster
        done = ::rename(path.c_str(), fresh_name(path).c_str()) == 0;
        if (!done) diag::warning(Error::from_errno(errno, "rename " + path).detail());
    }
    lock.unlock();
    if (done) remove_old(path, rotation.keep);
}

}  // namespace sluice::log
