#include "config/file_source.h"

#include <cerrno>

#include "base/file.h"

namespace sluice::config {

Result<std::string> DiskFiles::read(const std::string& path) {
    auto text = read_file(path);
    if (text) seen_.insert_or_assign(path, *text);
    return text;
}

Result<std::string> MemoryFiles::read(const std::string& path) {
    const auto found = texts_.find(path);
    if (found == texts_.end()) return Error::from_errno(ENOENT, "open " + path);
    return found->second;
}

}  // namespace sluice::config
