#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/options.h"

namespace sluice::config {

/// CONTAINMENT.*: how programs give up the rights that they do not need.
struct ContainmentOptions {
    enum class Mode : std::uint8_t {
        off,
        usual,   ///< what the kernel has; a warning where that is not all
        strict,  ///< all of it, or the program does not serve
    };
    /// Complete paths.
    struct Places {
        std::vector<std::string> read;
        std::vector<std::string> written;
    };

    Mode mode = Mode::usual;
    std::map<std::string, Places, LessIgnoringCase> places;  ///< by program; "": of all

    /// What is allowed to a program beyond what the configuration names.
    [[nodiscard]] Places places_of(std::string_view program) const;
};

/// Codes: E495 value that is not understood, W495 option without effect.
ContainmentOptions read_containment_options(const Options& options, Diagnostics& diagnostics);

}  // namespace sluice::config
