#include "lookup/sequence_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <thread>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/unique_fd.h"

namespace sluice::lookup {

namespace {

constexpr std::chrono::milliseconds look_again{5};

// A lock of the open file description: two threads of one process exclude each other too.
Result<void> lock_whole(int fd, const std::string& path, std::chrono::milliseconds limit) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    const MonoTime end = system_clock().mono_now() + limit;
    while (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return Error::from_errno(errno, "lock " + path);
        if (system_clock().mono_now() >= end) return Error::from_errno(EAGAIN, "lock " + path);
        std::this_thread::sleep_for(look_again);
    }
    return {};
}

}  // namespace

Result<std::uint64_t> next_in_sequence(const std::string& path, std::chrono::milliseconds limit) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return Error::from_errno(errno, "open " + path);
    if (auto locked = lock_whole(fd.get(), path, limit); !locked) return std::move(locked).error();
    std::array<char, 64> buffer{};
    const ssize_t size = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) return Error::from_errno(errno, "read " + path);
    std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (text.ends_with('\n')) text.remove_suffix(1);
    text = trim(text);
    const auto number = text.empty() ? std::uint64_t{0} : parse_unsigned(text);
    if (!number || *number == std::numeric_limits<std::uint64_t>::max())
        return Error::temporary({4, 3, 5}, "sequence file not usable", path + " holds no number");
    const std::string fresh = std::to_string(*number + 1) + '\n';
    const ssize_t written = ::pwrite(fd.get(), fresh.data(), fresh.size(), 0);
    if (written != static_cast<ssize_t>(fresh.size()))
        return Error::from_errno(written < 0 ? errno : ENOSPC, "write " + path);
    if (size > written && ::ftruncate(fd.get(), written) != 0)
        return Error::from_errno(errno, "write " + path);
    return *number + 1;
}

}  // namespace sluice::lookup
