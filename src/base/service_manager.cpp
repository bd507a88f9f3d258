#include "base/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/bytes.h"

namespace sluice {

namespace {

constexpr std::uint64_t most_descriptors = 256;

/// A number in the environment; nullopt: none.
std::optional<std::uint64_t> number_of(const char* name) {
    const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
    return text != nullptr ? parse_unsigned(text) : std::nullopt;
}

bool is_for_this_process(const char* name) {
    return number_of(name) == static_cast<std::uint64_t>(::getpid());
}

}  // namespace

int passed_descriptors() {
    if (!is_for_this_process("LISTEN_PID")) return 0;
    return static_cast<int>(std::min(number_of("LISTEN_FDS").value_or(0), most_descriptors));
}

bool set_close_on_exec(int count, bool on) {
    bool all_there = true;
    for (int fd = first_passed_descriptor; fd < first_passed_descriptor + count; ++fd) {
        const int flags = ::fcntl(fd, F_GETFD);
        const int wanted = on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
        all_there = flags >= 0 && ::fcntl(fd, F_SETFD, wanted) == 0 && all_there;
    }
    return all_there;
}

ServiceManager ServiceManager::from_environment() {
    ServiceManager manager;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread yet
    if (const char* path = std::getenv("NOTIFY_SOCKET")) manager.path_ = path;
    const bool is_ours = std::getenv("WATCHDOG_PID") == nullptr ||  // NOLINT(concurrency-mt-unsafe)
                         is_for_this_process("WATCHDOG_PID");
    const auto interval = number_of("WATCHDOG_USEC");
    constexpr std::uint64_t most = 86'400'000'000;
    // Twice as often as is asked for: one may be late.
    if (is_ours && interval && *interval >= 2)
        manager.watchdog_ = std::chrono::microseconds(std::min(*interval, most) / 2);
    return manager;
}

bool ServiceManager::tell(const std::string& text) const {
    sockaddr_un address{};
    if (path_.size() < 2 || path_.size() > sizeof address.sun_path) return false;
    if (path_.front() != '/' && path_.front() != '@') return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    if (path_.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return false;
    const ssize_t sent = ::sendto(
        fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
        reinterpret_cast<const sockaddr*>(&address), length
    );
    return sent == static_cast<ssize_t>(text.size());
}

}  // namespace sluice
