#include "jobs/hold_list_watch.h"

#include <sys/stat.h>

#include "base/bytes.h"
#include "jobs/hold_list.h"

namespace sluice::jobs {

HoldListWatch::HoldListWatch(std::string path, std::string_view channel)
    : path_(std::move(path)), channel_(to_lower(channel)) {}

bool HoldListWatch::is_stopped() {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) {
        seen_.reset();
        stopped_ = false;
        return stopped_;
    }
    // The list is replaced, never written in place.
    const Seen now_there{
        status.st_ino,
        std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
    if (std::exchange(seen_, now_there) == now_there) return stopped_;
    const auto list = read_hold_list(path_);
    stopped_ = list && list->contains(channel_);
    return stopped_;
}

}  // namespace sluice::jobs
