#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::log_index {

/// The LMDB file with the segments of all logs. A cache: when it cannot be read it is removed and
/// begun again. One writer at a time, of any process; readers never wait. Not thread-safe.
class IndexStore {
public:
    /// `directory` is made for writers. A reader of one that is not there gets an Error.
    static Result<IndexStore> open(const std::string& directory, bool for_writing);
    IndexStore(IndexStore&&) noexcept;
    IndexStore& operator=(IndexStore&&) noexcept;
    ~IndexStore();

    [[nodiscard]] bool has(std::uint64_t log, std::uint64_t start) const;
    /// Durable, but not at once: a segment lost in a crash is made again.
    Result<void> put(std::uint64_t log, std::uint64_t start, std::string_view value);
    /// Calls `segment` with start and value of each segment of a log, ascending, in one snapshot;
    /// the value is valid during the call. Ends early when it returns false.
    void for_segments(
        std::uint64_t log,
        const std::function<bool(std::uint64_t start, std::string_view value)>& segment
    ) const;
    /// Removes the segments of all logs but these. Returns how many segments went.
    Result<std::size_t> keep_only(const std::set<std::uint64_t>& logs);
    /// Octets of the file.
    [[nodiscard]] std::uint64_t size() const;

private:
    struct Impl;
    explicit IndexStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::log_index
