#pragma once

#include <string>

namespace sluice {

/// Why a file of the site cannot be trusted to say what is done with our rights: it is no plain
/// file, it or its directory belongs to neither root nor us, or others may write one of them: who
/// may write the directory may put another file there. Empty: it can.
[[nodiscard]] std::string distrust_of(const std::string& path);

}  // namespace sluice
