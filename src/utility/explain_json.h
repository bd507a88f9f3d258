#pragma once

#include <span>
#include <vector>

#include "mapping/trace.h"
#include "policy/decision.h"
#include "utility/json_line.h"

// An explanation as data, for `imsimta test -explain -json`. Keys may be added, never changed; they
// are listed in imsimta-test(8). What is empty is left out.
namespace sluice::utility {

std::vector<JsonLine> json_of(const policy::Trace& trace);
std::vector<JsonLine> json_of(std::span<const mapping::TraceStep> steps);
std::vector<JsonLine> json_of(std::span<const mapping::TracePart> parts);

}  // namespace sluice::utility
