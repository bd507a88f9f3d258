#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::log_index {

/// A log file open for reading while others append to it or rename it: what was opened stays.
/// Not thread-safe.
class LogSource {
public:
    static Result<LogSource> open(std::string path);

    [[nodiscard]] const std::string& path() const { return path_; }
    /// Octets at the moment of the last refresh() or of the opening.
    [[nodiscard]] std::uint64_t size() const { return size_; }
    void refresh();
    /// Whether the path still leads to this file.
    [[nodiscard]] bool is_current() const;
    /// Who the file is, whatever its name: a hash over its first 4 KiB; 0 while it is shorter.
    [[nodiscard]] std::uint64_t identity() const { return identity_; }
    /// Hash over the 4 KiB in front of `end`.
    [[nodiscard]] std::uint64_t tail_hash(std::uint64_t end) const;

    /// Up to `length` octets; fewer at the end of the file.
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t length) const;
    /// Each line that begins in [begin, end), without its line end, with its offset; the last one
    /// of the file may lack its line end unless `whole_only`. `begin` is the start of a line or
    /// lies in a line that began before. Ends early when `line` returns false, which it tells.
    bool for_lines(
        std::uint64_t begin,
        std::uint64_t end,
        bool whole_only,
        const std::function<bool(std::uint64_t offset, std::string_view line)>& line
    ) const;

private:
    LogSource(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    UniqueFd fd_;
    std::uint64_t size_ = 0;
    std::uint64_t identity_ = 0;
};

/// Longest line; what is longer is given in pieces of this size.
inline constexpr std::size_t longest_line = 1UL << 20U;

}  // namespace sluice::log_index
