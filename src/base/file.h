#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

// Small files: configuration, state, sockets' neighbours. Queue files have a room of their own
// (queue/).
namespace sluice {

/// Reads a whole file. A file larger than `ceiling` octets is refused.
Result<std::string> read_file(const std::string& path, std::size_t ceiling = 256UL << 20U);
/// Writes all of `bytes`, whatever the kernel takes at a time.
Result<void> write_all(int fd, std::string_view bytes);
/// Writes beside `path`, syncs, renames over it, syncs the directory: readers see the old or the
/// new content.
Result<void> replace_file(const std::string& path, std::string_view bytes, unsigned mode = 0644);
/// The same for a file that is there: the new one has its owner, mode and group. An Error, and no
/// change, where this process may not give them; a group without rights of its own does not count.
Result<void> rewrite_file(const std::string& path, std::string_view bytes);
Result<void> sync_directory(const std::string& path);
/// Creates the directory and its missing parents.
Result<void> make_directories(const std::string& path, unsigned mode = 0755);
[[nodiscard]] bool file_exists(const std::string& path);
/// "dir/name" -> "dir"; "name" -> ".".
std::string directory_of(const std::string& path);

}  // namespace sluice
