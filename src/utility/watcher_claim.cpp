#include "utility/watcher_claim.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"

namespace sluice::utility {

namespace {

std::string lock_file(const std::string& pid_file) {
    return pid_file + ".lock";
}

struct flock whole_file() {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return whole;
}

}  // namespace

std::string pid_file(const std::string& run_directory, std::string_view daemon) {
    return run_directory + std::string(daemon) + ".pid";
}

int running_pid(const std::string& pid_file) {
    const auto text = read_file(pid_file, 64);
    if (!text) return 0;
    const auto pid = parse_unsigned(std::string_view(*text).substr(0, text->find('\n')));
    if (!pid || *pid == 0 || *pid > 4194304) return 0;
    const auto number = static_cast<int>(*pid);
    return ::kill(number, 0) == 0 || errno == EPERM ? number : 0;
}

Result<WatcherClaim> WatcherClaim::take(const std::string& run_directory) {
    WatcherClaim claim;
    const std::string path = pid_file(run_directory, "watcher");
    claim.lock_.reset(
        ::open(lock_file(path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)
    );
    if (!claim.lock_) return Error::from_errno(errno, "open " + lock_file(path));
    struct flock whole = whole_file();
    if (::fcntl(claim.lock_.get(), F_OFD_SETLK, &whole) != 0) {
        return Error::temporary(
            {4, 3, 0}, "local system error", "another watcher runs this instance"
        );
    }
    claim.pid_file_ = path;
    if (auto written = replace_file(path, std::to_string(::getpid()) + '\n'); !written)
        return std::move(written).error();
    return claim;
}

WatcherClaim::WatcherClaim(WatcherClaim&& other) noexcept
    : lock_(std::move(other.lock_)), pid_file_(std::exchange(other.pid_file_, {})) {}

WatcherClaim::~WatcherClaim() {
    if (!pid_file_.empty()) ::unlink(pid_file_.c_str());
}

// The number in a pid file may belong to a stranger by now; the lock cannot. It is only looked at:
// whoever wants to know must not get in the way of a watcher that starts.
int watcher_pid(const std::string& run_directory) {
    const std::string path = pid_file(run_directory, "watcher");
    const UniqueFd lock(::open(lock_file(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct flock whole = whole_file();
    if (!lock || ::fcntl(lock.get(), F_OFD_GETLK, &whole) != 0 || whole.l_type == F_UNLCK) return 0;
    return running_pid(path);
}

}  // namespace sluice::utility
