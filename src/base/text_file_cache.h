#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace sluice {

/// Files that are read at each use, such as the members of mailing lists: a look at the directory
/// entry decides whether the text in memory is still that of the file (device, inode, size,
/// modification and change time). Thread-safe. Reading happens on the caller's thread.
class TextFileCache {
public:
    /// Larger files are refused.
    static constexpr std::size_t max_file_size = 64UL << 20U;
    /// Octets kept; the texts of larger sets of files are read again.
    static constexpr std::size_t max_kept = 256UL << 20U;

    TextFileCache();
    ~TextFileCache();
    TextFileCache(const TextFileCache&) = delete;
    TextFileCache& operator=(const TextFileCache&) = delete;

    /// The text as it is now. Never null.
    Result<std::shared_ptr<const std::string>> read(const std::string& path);

private:
    struct Entry;
    std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::size_t kept_ = 0;
};

}  // namespace sluice
