#pragma once

#include <optional>
#include <string_view>

#include "tracking/expected_options.h"
#include "tracking/record.h"

// mail.log as text: LOG_FORMAT 1 to 3 and what PMDF and its later relatives wrote
// (logging.md section 2). The fields of a line are not named: which of the optional ones it has is
// told by `expected`, or else by their looks. Pure.
namespace sluice::tracking {

/// Reads `body`, a line behind its stamp, into one event, record.entry and record.shows. False for
/// a line that is no entry; the record is then unchanged.
/// `expected`: the options the log was written with; a line they do not fit is read by its looks.
[[nodiscard]] bool read_sun(
    std::string_view body, const std::optional<ExpectedOptions>& expected, Record& record
);

}  // namespace sluice::tracking
