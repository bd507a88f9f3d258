#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/diagnostic.h"

namespace sluice::lint {

// clang-format off
enum class Code : std::uint8_t {
#define SLUICE_LINT(id, code, severity, title, remedy) id,
#include "lint/codes.inc"
#undef SLUICE_LINT
};
// clang-format on

/// One row of the table of findings.
struct CodeRow {
    Code id;
    std::string_view code;  ///< "L001"; never given to anything else
    Severity severity;
    std::string_view title;
    std::string_view remedy;
};
[[nodiscard]] std::span<const CodeRow> all_codes();
[[nodiscard]] const CodeRow& row_of(Code code);

}  // namespace sluice::lint
