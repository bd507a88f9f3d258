#include "store/table_gate.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"

namespace sluice::store {

namespace {

constexpr std::string_view title = "shared table 1\n";
constexpr char most_unfinished = '2';
constexpr std::chrono::microseconds look_again{200};

/// Everything before the digit.
std::string head() {
    return std::string(title) + start_of_machine() + '\n';
}

}  // namespace

const std::string& start_of_machine() {
    static const std::string id = [] {
        const auto text = read_file("/proc/sys/kernel/random/boot_id", 4096);
        return text ? text->substr(0, text->find('\n')) : std::string();
    }();
    return id;
}

bool TableGate::is_current() const {
    struct stat ours {};
    struct stat there {};
    return ::fstat(fd_.get(), &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

// A lock of the descriptor, so that two objects in one process exclude each other too, and the
// kernel opens it when its holder dies.
Result<void> TableGate::lock(std::chrono::milliseconds limit) {
    const MonoTime end = system_clock().mono_now() + limit;
    while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return Error::from_errno(errno, "lock " + path_);
        if (system_clock().mono_now() >= end) return Error::from_errno(EAGAIN, "lock " + path_);
        std::this_thread::sleep_for(look_again);
    }
    return {};
}

Result<bool> TableGate::enter(std::chrono::milliseconds limit) {
    constexpr int most_replacements = 10;
    for (int i = 0; i < most_replacements; ++i) {
        if (!fd_) fd_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!fd_) return Error::from_errno(errno, "open " + path_);
        if (auto locked = lock(limit); !locked) return std::move(locked).error();
        if (is_current()) break;
        fd_.reset();  // somebody removed it
    }
    if (!fd_) return Error::from_errno(EAGAIN, "open " + path_);
    const std::string expected = head();
    std::array<char, 256> buffer{};
    const ssize_t size = ::pread(fd_.get(), buffer.data(), buffer.size(), 0);
    const std::string_view text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const bool is_known = text.size() == expected.size() + 1 && text.starts_with(expected) &&
                          text.back() >= '0' && text.back() <= '9';
    const bool is_sound = is_known && text.back() < most_unfinished;
    const char unfinished = is_sound ? static_cast<char>(text.back() + 1) : '1';
    const std::string fresh = expected + unfinished;
    const ssize_t written = ::pwrite(fd_.get(), fresh.data(), fresh.size(), 0);
    if (written != static_cast<ssize_t>(fresh.size()) ||
        (size > written && ::ftruncate(fd_.get(), written) != 0)) {
        const int error = written < 0 ? errno : ENOSPC;
        ::flock(fd_.get(), LOCK_UN);
        return Error::from_errno(error, "write " + path_);
    }
    return !is_sound;
}

void TableGate::leave() {
    const auto place = static_cast<off_t>(head().size());
    [[maybe_unused]] const ssize_t written = ::pwrite(fd_.get(), "0", 1, place);
    ::flock(fd_.get(), LOCK_UN);
}

}  // namespace sluice::store
