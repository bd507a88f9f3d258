#include "multilog/log_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "multilog/tai64n.h"

namespace sluice::multilog {

namespace {

/// Byte of the lock file that every writer holds shared as long as it has the directory: who gets
/// it exclusively is alone.
constexpr long presence_byte = 3;  // behind those of WriterLock

/// Renames `current` to `name`. False where there is none.
bool put_aside(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) return true;
    diag::warning(Error::from_errno(errno, "rename " + from).detail());
    return false;
}

bool is_old_file(const std::string& name) {
    return name.size() == tai64n_length + 2 && parse_tai64n(name) &&
           (name.ends_with(".s") || name.ends_with(".u"));
}

}  // namespace

LogDirectory::LogDirectory(DirectorySettings settings)
    : settings_(std::move(settings)),
      writer_(current(), settings_.path + "/lock", settings_.buffer_max),
      presence_(settings_.path + "/lock"),
      rotation_(settings_.path + "/lock") {}

LogDirectory::~LogDirectory() {
    flush();
    {
        const std::lock_guard lock(safe_mutex_);
        ending_ = true;
    }
    safe_changed_.notify_all();
    if (safe_keeper_.joinable()) safe_keeper_.join();
    leave_in_order();
}

void LogDirectory::post(std::string_view lines) {
    std::call_once(begun_once_, [this] { begin(); });
    writer_.post(lines);
}

void LogDirectory::flush() {
    if (writer_.buffered() == 0) return;
    writer_.flush();
    // Whoever finds another thread at it leaves it to that one.
    const std::unique_lock lock(rotation_mutex_, std::try_to_lock);
    if (lock.owns_lock()) rotate_if_full();
}

void LogDirectory::begin() {
    begun_ = true;
    if (auto made = make_directories(settings_.path, 0750); !made) {
        diag::warning(made.error().detail());
        return;  // the writer keeps trying, and says when it can write again
    }
    if (presence_.try_lock_exclusive(presence_byte)) put_crashed_aside();
    if (auto locked = presence_.lock_byte_shared(presence_byte); !locked)
        diag::warning(locked.error().detail());
    mark_in_use();
}

// Nobody writes. What the last writers did not leave in order ends here, so that readers know of
// the gap.
void LogDirectory::put_crashed_aside() {
    struct stat status {};
    if (::lstat(current().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if ((status.st_mode & S_IXUSR) != 0 || status.st_size == 0) return;
    put_aside(current(), fresh_name() + ".u");
    kill_point("multilog.crashed_aside");
    remove_old();
}

void LogDirectory::mark_in_use() const {
    const UniqueFd file(::open(current().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (file && ::fstat(file.get(), &status) == 0 && (status.st_mode & S_IXUSR) != 0)
        ::fchmod(file.get(), 0640);
}

/// A path for an old file, without its ending; the time moves on until nobody has the name.
std::string LogDirectory::fresh_name() const {
    Instant now = instant_of(system_clock().wall_now());
    while (true) {
        std::string path = settings_.path + '/' + format_tai64n(now);
        if (!file_exists(path + ".s") && !file_exists(path + ".u")) return path;
        if (++now.nanoseconds == 1'000'000'000) now = {now.seconds + 1, 0};
    }
}

// The rename is all that anybody waits for.
void LogDirectory::rotate_if_full() {
    const auto is_full = [this] {
        struct stat status {};
        return ::lstat(current().c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
               static_cast<std::uint64_t>(status.st_size) >= settings_.size;
    };
    if (!is_full()) return;
    std::string name;
    {
        if (!rotation_.lock_exclusive()) return;
        if (is_full()) name = fresh_name();  // else another process was faster
        kill_point("multilog.before_rename");
        if (!name.empty() && !put_aside(current(), name + ".u")) name.clear();
        rotation_.unlock();
    }
    kill_point("multilog.after_rename");
    if (name.empty()) return;
    remove_old();
    const std::lock_guard lock(safe_mutex_);
    unsafe_.push_back(std::move(name));
    while (unsafe_.size() > settings_.old_files + 1) unsafe_.pop_front();  // they are gone
    if (!safe_keeper_.joinable()) safe_keeper_ = std::thread([this] { keep_safe(); });
    safe_changed_.notify_all();
}

// The disk takes its time, and a busy log may have removed the file before its turn comes.
void LogDirectory::keep_safe() {
    std::unique_lock lock(safe_mutex_);
    while (true) {
        safe_changed_.wait(lock, [this] { return ending_ || !unsafe_.empty(); });
        if (unsafe_.empty()) return;
        const std::string name = std::move(unsafe_.front());
        unsafe_.pop_front();
        lock.unlock();
        make_safe(name);
        lock.lock();
    }
}

void LogDirectory::make_safe(const std::string& name) {
    const UniqueFd old(::open((name + ".u").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!old || ::fsync(old.get()) != 0) return;
    kill_point("multilog.synced");
    // Removed meanwhile, by us or by another process: that is no fault.
    (void)::rename((name + ".u").c_str(), (name + ".s").c_str());
    kill_point("multilog.safe");
}

void LogDirectory::remove_old() const {
    std::vector<std::string> old;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(settings_.path, failed), end;
         !failed && entry != end; entry.increment(failed)) {
        std::string name = entry->path().filename().string();
        if (is_old_file(name)) old.push_back(std::move(name));
    }
    if (old.size() <= settings_.old_files) return;
    std::sort(old.begin(), old.end());
    old.resize(old.size() - settings_.old_files);
    for (const std::string& name : old) ::unlink((settings_.path + '/' + name).c_str());
}

void LogDirectory::leave_in_order() {
    if (!begun_ || writer_.buffered() > 0) return;
    if (!presence_.try_lock_exclusive(presence_byte)) return;  // others go on
    const UniqueFd file(::open(current().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file && ::fsync(file.get()) == 0) ::fchmod(file.get(), 0740);
}

}  // namespace sluice::multilog
