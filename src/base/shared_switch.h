#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice {

/// Something that is on or off for a whole instance, in a file of its run directory: "on 7" where
/// it is on and has changed seven times since the file was made.
struct SharedSwitch {
    bool on = false;
    std::uint64_t changes = 0;

    /// What makes no sense is off.
    static SharedSwitch parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;
};

Result<void> set_shared_switch(const std::string& path, bool on);

}  // namespace sluice
