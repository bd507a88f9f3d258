#pragma once

#include <cstdint>
#include <optional>

#include "address/srs.h"
#include "config/configuration.h"
#include "mapping/answers.h"

namespace sluice::policy {

address::SrsSettings srs_settings(const config::Configuration& configuration);
/// Today's number; nullopt where nobody says.
std::optional<std::int64_t> day_number(mapping::Answers& outside);

}  // namespace sluice::policy
