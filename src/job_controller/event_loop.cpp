#include "job_controller/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice::job_controller {

Result<void> EventLoop::open() {
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) return Error::from_errno(errno, "epoll_create1");
    return {};
}

Result<void> EventLoop::watch(int fd, std::uint32_t events, Callback callback) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        return Error::from_errno(errno, "epoll_ctl");
    }
    watches_[fd] = std::make_shared<Callback>(std::move(callback));
    return {};
}

void EventLoop::change(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::forget(int fd) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    watches_.erase(fd);
}

Result<void> EventLoop::turn(std::optional<std::chrono::milliseconds> limit) {
    std::array<epoll_event, 256> events;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const int wait =
        limit ? static_cast<int>(std::clamp<long>(limit->count(), 0, 3600 * 1000)) : -1;
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait);
    if (count < 0 && errno != EINTR) return Error::from_errno(errno, "epoll_wait");
    // One that was forgotten in this turn must not be called; if its number was used again at
    // once, the new owner may see an event too many and finds nothing to read.
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const auto found = watches_.find(event.data.fd);
        if (found == watches_.end()) continue;
        const std::shared_ptr<Callback> callback = found->second;
        (*callback)(event.events);
    }
    return {};
}

}  // namespace sluice::job_controller
