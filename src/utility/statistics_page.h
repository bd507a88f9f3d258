#pragma once

#include <string>
#include <string_view>

namespace sluice::utility {

/// The page with the charting library (Chart.js, MIT licence) and these figures, a JSON object, in
/// it. Nothing is fetched when it is looked at.
std::string statistics_page(std::string_view figures);

}  // namespace sluice::utility
