#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sluice::jobs {

/// Whether one channel is on the hold list, for a program that asks before each message. The file
/// is looked at each time, and read only when it is another one. One thread.
class HoldListWatch {
public:
    /// `path` as hold_list_path() says; `channel` in any case.
    HoldListWatch(std::string path, std::string_view channel);
    /// What cannot be read stops nothing: the job controller hands out no more work anyway.
    [[nodiscard]] bool is_stopped();

private:
    using Seen = std::pair<std::uint64_t, std::int64_t>;  ///< inode, time of change

    std::string path_;
    std::string channel_;
    std::optional<Seen> seen_;
    bool stopped_ = false;
};

}  // namespace sluice::jobs
