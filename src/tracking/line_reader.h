#pragma once

#include <optional>
#include <string_view>

#include "tracking/expected_options.h"
#include "tracking/record.h"
#include "tracking/stamp.h"

namespace sluice::tracking {

/// How lines are to be understood.
struct ReaderSettings {
    StampSettings stamps;
    /// The options that the native log was written with, where they are known: they tell fields
    /// apart that look alike.
    std::optional<ExpectedOptions> expected;
};

/// Reads lines of any dialect, mixed as they come; keeps nothing between lines. Immutable.
class LineReader {
public:
    explicit LineReader(ReaderSettings settings = {}) : settings_(std::move(settings)) {}

    /// `line` without its line end; a carriage return there is dropped. What is not understood has
    /// Dialect::unknown, with its stamp where it has one.
    [[nodiscard]] Record read(std::string_view line) const;
    [[nodiscard]] const ReaderSettings& settings() const { return settings_; }

private:
    ReaderSettings settings_;
};

}  // namespace sluice::tracking
