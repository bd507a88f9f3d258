#pragma once

#include <span>
#include <string>
#include <vector>

#include "mapping/trace.h"
#include "policy/decision.h"

// An explanation in words, for `imsimta test -explain`: lines without line ends, made harmless for
// a terminal, indented by what belongs to what.
namespace sluice::utility {

/// The way of a decision, stage by stage.
std::vector<std::string> explanation_of(const policy::Trace& trace);

/// What mapping tables did. `indent` in columns.
std::vector<std::string> explanation_of(
    std::span<const mapping::TraceStep> steps, std::size_t indent
);

}  // namespace sluice::utility
