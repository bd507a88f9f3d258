#pragma once

#include <string_view>

namespace sluice {

inline constexpr std::string_view product_name = "Sluice";
inline constexpr std::string_view product_version_number = SLUICE_VERSION;
/// As trace lines and banners show it.
inline constexpr std::string_view product_version = "Sluice " SLUICE_VERSION;

}  // namespace sluice
