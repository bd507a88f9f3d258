#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "log/writer_lock.h"

namespace sluice::log {

/// LOG_ROTATE_SIZE and LOG_ROTATE_NUM: a log that has this size gets the time behind its name, and
/// a new one begins; the oldest go. The nightly rollover leaves such logs alone.
struct Rotation {
    std::uint64_t size = 0;  ///< octets; 0: never
    std::size_t keep = 0;    ///< files besides the current one; 0: all

    friend bool operator==(const Rotation&, const Rotation&) = default;
};

/// "mail.log_current.20261121T230512.001234", in UTC, so that names sort as times do. Pure.
[[nodiscard]] std::string rotated_name(const std::string& path, WallTime time);
/// The files that were put aside for `path`, the oldest first; whole paths.
[[nodiscard]] std::vector<std::string> rotated_files(const std::string& path);
/// Puts the file aside if it still has that size: several writers may find it full at once. Each
/// line that was written stays in exactly one file, whoever is killed when.
void rotate_if_full(const std::string& path, const Rotation& rotation, WriterLock& lock);

}  // namespace sluice::log
