#pragma once

#include <string_view>

#include "mapping/answers.h"

namespace sluice::callout {

/// What a mapping template or rewrite rule calls with `$[image,routine,argument]`.
class Routine {
public:
    Routine() = default;
    Routine(const Routine&) = delete;
    Routine& operator=(const Routine&) = delete;
    virtual ~Routine() = default;

    /// `not_found` is the routine's failure. Thread-safe.
    virtual mapping::Answer call(std::string_view argument) = 0;
    /// Whether call() may wait for somebody.
    [[nodiscard]] virtual bool may_block() const = 0;
};

}  // namespace sluice::callout
