#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace sluice::mapping {

/// Something wrong, or doubtful, in one pattern or template; the file reader turns it into a
/// Diagnostic.
struct SyntaxFinding {
    Severity severity = Severity::error;
    std::string code;        ///< "E_GLOB" ...
    std::size_t offset = 0;  ///< octets into the pattern or template
    std::string text;
    std::string hint;
};

using SyntaxFindings = std::vector<SyntaxFinding>;

}  // namespace sluice::mapping
