#include "postoffice_log/daily_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/line_file.h"
#include "base/log.h"
#include "log/writer_lock.h"

namespace sluice::postoffice_log {

namespace {

constexpr std::string_view prefix = "post.office-";
constexpr std::string_view suffix = ".log";
/// A file of the same day of another year cannot be younger.
constexpr std::chrono::days another_year{300};

WallTime written_at(const struct stat& status) {
    return WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
}

/// post.office-MMDD.log, with .YYYY behind it or without.
bool is_daily_name(std::string_view name) {
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    if (name.size() < 8 || !parse_unsigned(name.substr(0, 4)) || name.substr(4, 4) != suffix)
        return false;
    const std::string_view year = name.substr(8);
    return year.empty() || (year.size() == 5 && year[0] == '.' && parse_unsigned(year.substr(1)));
}

}  // namespace

std::string daily_name(WallTime time, const TimeZone& zone) {
    const CivilTime local = civil_time(time, zone);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "post.office-%02u%02u.log", local.month, local.day);
    return text.data();
}

DailyFile::DailyFile(DailyFileSettings settings) : settings_(std::move(settings)) {}

void DailyFile::post(WallTime time, std::string_view lines) {
    std::shared_ptr<log::LineWriter> writer;
    std::shared_ptr<log::LineWriter> yesterday;
    {
        const std::lock_guard lock(mutex_);
        std::string name = daily_name(time, settings_.zone);
        if (name != name_) {
            yesterday = writer_;
            begin(std::move(name));
        }
        writer = writer_;
    }
    if (yesterday) yesterday->flush();
    writer->post(lines);
}

void DailyFile::flush() {
    std::shared_ptr<log::LineWriter> writer;
    {
        const std::lock_guard lock(mutex_);
        writer = writer_;
    }
    if (writer) writer->flush();
}

void DailyFile::begin(std::string name) {
    if (auto made = make_directories(settings_.directory, 0750); !made)
        diag::warning(made.error().detail());
    const std::string path = settings_.directory + '/' + name;
    put_last_year_aside(path);
    remove_expired();
    name_ = std::move(name);
    writer_ = std::make_shared<log::LineWriter>(
        path, settings_.directory + "/post.office.lock", settings_.buffer_max
    );
}

void DailyFile::put_last_year_aside(const std::string& path) {
    const auto is_old = [&](struct stat& status) {
        return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
               system_clock().wall_now() - written_at(status) > another_year;
    };
    struct stat status {};
    if (!is_old(status)) return;
    log::WriterLock lock(settings_.directory + "/post.office.lock");
    if (!lock.lock_exclusive() || !is_old(status)) return;  // another process was faster
    const int year = civil_time(written_at(status), settings_.zone).year;
    const std::string aside = path + '.' + std::to_string(year);
    // Should the clock have jumped there may be such a file: its lines stay where they are.
    if (auto renamed = rename_to_new(path, aside); !renamed)
        diag::warning(renamed.error().detail());
}

void DailyFile::remove_expired() const {
    if (settings_.keep.count() <= 0) return;
    const WallTime now = system_clock().wall_now();
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(settings_.directory, failed), end;
         !failed && entry != end; entry.increment(failed)) {
        if (!is_daily_name(entry->path().filename().string())) continue;
        struct stat status {};
        if (::lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        if (now - written_at(status) > settings_.keep) ::unlink(entry->path().c_str());
    }
}

}  // namespace sluice::postoffice_log
