#include "log_index/log_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>

namespace sluice::log_index {

namespace {

constexpr std::size_t identity_size = 4096;
constexpr std::size_t chunk_size = 256UL << 10U;

std::uint64_t hash_of(std::string_view bytes) {
    const std::uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
    return hash == 0 ? 1 : hash;
}

}  // namespace

Result<LogSource> LogSource::open(std::string path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return Error::from_errno(errno, "open " + path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return Error::from_errno(errno, "stat " + path);
    if (!S_ISREG(status.st_mode))
        return Error::permanent({5, 3, 0}, "not a log", path + " is not a regular file");
    LogSource source(std::move(path), std::move(fd));
    source.refresh();
    return source;
}

void LogSource::refresh() {
    struct stat status {};
    size_ = ::fstat(fd_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    if (identity_ != 0 || size_ < identity_size) return;
    const std::string head = read(0, identity_size);
    if (head.size() == identity_size) identity_ = hash_of(head);
}

bool LogSource::is_current() const {
    struct stat ours {};
    struct stat there {};
    return ::fstat(fd_.get(), &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino &&
           there.st_size >= static_cast<off_t>(size_);
}

std::uint64_t LogSource::tail_hash(std::uint64_t end) const {
    if (end < identity_size) return 0;
    const std::string tail = read(end - identity_size, identity_size);
    return tail.size() == identity_size ? hash_of(tail) : 0;
}

std::string LogSource::read(std::uint64_t offset, std::size_t length) const {
    std::string out(length, '\0');
    std::size_t got = 0;
    while (got < length) {
        const ssize_t count =
            ::pread(fd_.get(), out.data() + got, length - got, static_cast<off_t>(offset + got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        got += static_cast<std::size_t>(count);
    }
    out.resize(got);
    return out;
}

bool LogSource::for_lines(
    std::uint64_t begin,
    std::uint64_t end,
    bool whole_only,
    const std::function<bool(std::uint64_t, std::string_view)>& line
) const {
    std::uint64_t base =
        begin == 0 ? 0 : begin - 1;  // the octet before tells whether a line begins
    bool skipping = begin != 0;
    std::string held;
    while (true) {
        const std::uint64_t left = end > base ? end - base : 0;
        const auto wanted =
            static_cast<std::size_t>(std::clamp<std::uint64_t>(left + 4096, 16384, chunk_size));
        const std::string chunk = read(base + held.size(), wanted);
        const bool last = chunk.size() < wanted;
        held += chunk;
        std::size_t at = 0;
        while (true) {
            const std::size_t feed = held.find('\n', at);
            if (feed == std::string::npos) break;
            const std::uint64_t offset = base + at;
            if (!skipping && offset >= end) return true;
            if (!skipping && !line(offset, std::string_view(held).substr(at, feed - at)))
                return false;
            skipping = false;
            at = feed + 1;
        }
        base += at;
        held.erase(0, at);
        if (!skipping && base >= end) return true;
        if (last) break;
        if (held.size() < longest_line) continue;
        if (!skipping && !line(base, held)) return false;
        base += held.size();
        held.clear();
    }
    if (held.empty() || skipping || whole_only || base >= end) return true;
    return line(base, held);
}

}  // namespace sluice::log_index
