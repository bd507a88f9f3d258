#include "lint/codes.h"

namespace sluice::lint {

namespace {

// clang-format off
constexpr CodeRow rows[] = {
#define SLUICE_LINT(id, code, severity, title, remedy) {Code::id, code, Severity::severity, title, remedy},
#include "lint/codes.inc"
#undef SLUICE_LINT
};
// clang-format on

}  // namespace

std::span<const CodeRow> all_codes() {
    return rows;
}

const CodeRow& row_of(Code code) {
    return rows[static_cast<std::size_t>(code)];
}

}  // namespace sluice::lint
