#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace sluice {

Result<std::string> read_file(const std::string& path, std::size_t ceiling) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return Error::from_errno(errno, "open " + path);
    std::string bytes;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error::from_errno(errno, "read " + path);
        if (count == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (bytes.size() > ceiling) return Error::from_errno(EFBIG, "read " + path);
    }
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error::from_errno(errno, "write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

namespace {

/// A group that this process may not give is left out where it has no rights of its own.
bool make_like(int fd, const struct stat& like) {
    const bool group_counts = (like.st_mode & 070U) >> 3U != (like.st_mode & 07U);
    if (::fchown(fd, like.st_uid, like.st_gid) != 0 &&
        (group_counts || ::fchown(fd, like.st_uid, static_cast<gid_t>(-1)) != 0)) {
        return false;
    }
    return ::fchmod(fd, like.st_mode & 07777U) == 0;
}

Result<void> put_in_place(
    const std::string& path, std::string_view bytes, unsigned mode, const struct stat* like
) {
    const std::string temporary = path + ".new-" + std::to_string(::getpid());
    const auto give_up = [&](Error error) {
        ::unlink(temporary.c_str());
        return error;
    };
    {
        const UniqueFd fd(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        );
        if (!fd) return Error::from_errno(errno, "create " + temporary);
        if (auto written = write_all(fd.get(), bytes); !written)
            return give_up(std::move(written).error());
        if (like != nullptr && !make_like(fd.get(), *like))
            return give_up(Error::from_errno(errno, "keep owner and mode of " + path));
        if (::fsync(fd.get()) != 0) return give_up(Error::from_errno(errno, "sync " + temporary));
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        return give_up(Error::from_errno(errno, "rename to " + path));
    }
    return sync_directory(directory_of(path));
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes, unsigned mode) {
    return put_in_place(path, bytes, mode, nullptr);
}

Result<void> rewrite_file(const std::string& path, std::string_view bytes) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return Error::from_errno(errno, "look at " + path);
    return put_in_place(path, bytes, 0600, &status);
}

Result<void> sync_directory(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return Error::from_errno(errno, "open directory " + path);
    if (::fsync(fd.get()) != 0) return Error::from_errno(errno, "sync directory " + path);
    return {};
}

Result<void> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        const std::string part = path.substr(0, at);
        if (!part.empty() && ::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) {
            return Error::from_errno(errno, "create directory " + part);
        }
        if (at == std::string::npos) return {};
    }
}

bool file_exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace sluice
