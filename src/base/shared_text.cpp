#include "base/shared_text.h"

#include <unistd.h>

#include <cerrno>

#include "base/file_lock.h"

namespace sluice {

namespace {

constexpr std::size_t longest_text = 256UL << 10U;

}  // namespace

Result<void> change_shared_text(
    const std::string& path, const std::function<std::string(std::string_view text)>& change
) {
    const auto locked = lock_file(path);
    if (!locked) return locked.error();
    const UniqueFd& file = *locked;
    std::string text(longest_text, '\0');
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    const std::string after = change(text);
    if (after == text) return {};
    if (::pwrite(file.get(), after.data(), after.size(), 0) != static_cast<ssize_t>(after.size()) ||
        ::ftruncate(file.get(), static_cast<off_t>(after.size())) != 0) {
        return Error::from_errno(errno, "write " + path);
    }
    return {};
}

}  // namespace sluice
