#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::rewrite {

/// W201: why no host can ever match a pattern, as a text for the diagnostic; nullopt where one can.
std::optional<std::string> why_never_matching(std::string_view pattern);

}  // namespace sluice::rewrite
