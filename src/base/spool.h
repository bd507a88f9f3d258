#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_source.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice {

/// Keeps octets until somebody has judged them: in memory while they are few, then in a file
/// without a name, which goes with its descriptor. Nothing in it is promised to anybody: the client
/// has no 250 yet. One thread at a time.
class Spool {
public:
    /// Octets that stay in memory.
    static constexpr std::size_t memory_limit = 128UL * 1024;

    /// `directory`: where the file is made, if one is needed.
    explicit Spool(std::string directory) : directory_(std::move(directory)) {}

    /// 4.3.1 for a full disk; after a failure it only repeats it.
    Result<void> append(std::string_view octets);
    [[nodiscard]] std::uint64_t size() const { return written_ + buffer_.size(); }
    /// Octets from `offset`, at most `size`, appended to `out`; none at the end.
    Result<void> read(std::uint64_t offset, std::size_t size, std::string& out) const;
    [[nodiscard]] const std::string& directory() const { return directory_; }

private:
    Result<void> write_out();

    std::string directory_;
    std::string buffer_;  ///< what is not in the file yet
    UniqueFd file_;
    std::uint64_t written_ = 0;  ///< octets in the file
    std::optional<Error> failure_;
};

/// What a spool holds; nothing more goes into it.
class SpoolSource : public ByteSource {
public:
    explicit SpoolSource(Spool spool) : spool_(std::move(spool)) {}
    [[nodiscard]] std::uint64_t size() const override { return spool_.size(); }
    Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) override;

private:
    Spool spool_;
};

}  // namespace sluice
