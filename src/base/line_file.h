#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

// Files of lines that are written by many and change their names while they are.
namespace sluice {

/// Whether the file, so long, ends with half a line: a writer that was killed, or whose disk was
/// full, may have left one.
[[nodiscard]] bool ends_in_mid_line(int fd, off_t size);
/// Renames, and never over another file, on file systems too that cannot promise that by
/// themselves: there nobody else may make files of that name.
Result<void> rename_to_new(const std::string& from, const std::string& to);

}  // namespace sluice
