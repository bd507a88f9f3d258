#include "base/byte_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sluice {

Result<std::size_t> TextSource::read(std::uint64_t offset, char* to, std::size_t size) {
    if (offset >= text_.size()) return std::size_t{0};
    return text_.copy(to, size, static_cast<std::size_t>(offset));
}

Result<std::size_t> FileSource::read(std::uint64_t offset, char* to, std::size_t size) {
    if (offset >= size_) return std::size_t{0};
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
    for (;;) {
        const ssize_t got = ::pread(descriptor_, to, wanted, static_cast<off_t>(begin_ + offset));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return Error::from_errno(errno, "pread");
    }
}

}  // namespace sluice
