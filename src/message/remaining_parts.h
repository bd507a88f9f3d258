#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "message/mime_part.h"

// Which parts of a message stay when some are dropped. Inside this room only.
namespace sluice::message {

/// What somebody asked for one part.
struct PartFate {
    bool drop = false;
    bool new_body = false;
    bool more_parts = false;
};

class RemainingParts {
public:
    /// `parts` outlives this; `fates` has one for each of them.
    RemainingParts(const MimeParts& parts, std::vector<PartFate> fates);

    /// Asked for, or a container that has nothing left.
    [[nodiscard]] bool is_dropped(std::size_t part) const { return dropped_[part]; }
    /// Nothing of the part is left to be changed.
    [[nodiscard]] bool is_inside_of_dropped_or_new(const MimePart& part) const;
    /// Of dropped parts side by side.
    [[nodiscard]] bool is_first_of_dropped(const MimePart& part) const;
    /// Where the next boundary line is that stays, with the line end in front of it; `end` where
    /// there is none.
    [[nodiscard]] std::uint64_t next_boundary(const MimePart& part, std::uint64_t end) const;

private:
    void find_dropped();
    void find_siblings();

    const MimeParts& parts_;
    std::vector<PartFate> fates_;
    std::vector<bool> dropped_;
    std::vector<std::size_t> next_;  ///< siblings
    std::vector<std::size_t> previous_;
};

}  // namespace sluice::message
