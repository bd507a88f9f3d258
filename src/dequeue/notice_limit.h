#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

// NOTIFY_MAX_PER_HOUR: how many notifications about errors the postmaster gets in an hour, and each
// error only once in it. All programs of an instance share the count in one small file.
namespace sluice::dequeue {

/// The count. A plain value with a text of its own; a text that is none of ours counts as empty.
class NoticeBudget {
public:
    static NoticeBudget parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;

    /// Whether a notice about the error `fingerprint` goes out now; the value is the number of
    /// those kept back since the last one. `most` 0: no limit but "once for each error".
    std::optional<std::uint64_t> take(WallTime now, std::uint64_t most, std::uint64_t fingerprint);

private:
    std::int64_t hour_ = 0;  // since the epoch
    std::uint64_t sent_ = 0;
    std::uint64_t unsent_ = 0;
    std::set<std::uint64_t> seen_;
};

/// The same on the file at `path`, under its lock. A file that cannot be used keeps nobody from
/// being told.
std::optional<std::uint64_t> take_notice(
    const std::string& path, WallTime now, std::uint64_t most, std::uint64_t fingerprint
);

}  // namespace sluice::dequeue
