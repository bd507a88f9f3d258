#include "base/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/file.h"

namespace sluice {

namespace {

Result<UniqueFd> open_nameless(const std::string& directory) {
    UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
    if (errno != EOPNOTSUPP && errno != EISDIR)
        return Error::from_errno(errno, "spool file in " + directory);
    std::string path = directory + "/spoolXXXXXX";
    UniqueFd named(::mkostemp(path.data(), O_CLOEXEC));
    if (!named) return Error::from_errno(errno, "spool file in " + directory);
    ::unlink(path.c_str());
    return named;
}

}  // namespace

Result<void> Spool::append(std::string_view octets) {
    if (failure_) return *failure_;
    buffer_ += octets;
    if (buffer_.size() <= memory_limit) return {};
    auto written = write_out();
    if (!written) failure_ = written.error();
    return written;
}

Result<void> Spool::write_out() {
    if (!file_) {
        auto opened = open_nameless(directory_);
        if (!opened) return std::move(opened).error();
        file_ = std::move(*opened);
    }
    if (auto written = write_all(file_.get(), buffer_); !written) return written;
    written_ += buffer_.size();
    buffer_.clear();
    return {};
}

Result<void> Spool::read(std::uint64_t offset, std::size_t size, std::string& out) const {
    while (size > 0 && offset < written_) {
        const std::size_t before = out.size();
        const auto most =
            static_cast<std::size_t>(std::min<std::uint64_t>(size, written_ - offset));
        out.resize(before + most);
        const ssize_t got =
            ::pread(file_.get(), out.data() + before, most, static_cast<off_t>(offset));
        out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error::from_errno(errno, "read of a spool file");
        if (got == 0)
            return Error::temporary({4, 3, 0}, "temporary failure", "spool file is short");
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    if (size > 0 && offset >= written_ && offset - written_ < buffer_.size())
        out += std::string_view(buffer_).substr(static_cast<std::size_t>(offset - written_), size);
    return {};
}

Result<std::size_t> SpoolSource::read(std::uint64_t offset, char* to, std::size_t size) {
    std::string octets;
    if (auto got = spool_.read(offset, size, octets); !got) return std::move(got).error();
    return octets.copy(to, size);
}

}  // namespace sluice
