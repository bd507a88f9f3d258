#pragma once

#include <string_view>

#include "tracking/record.h"

// post.office-MMDD.log (postoffice-and-qmail-features.md section 3). Pure.
namespace sluice::tracking {

/// Reads `body`, a line behind its date and colon, or a continuation line of a control record,
/// which begins with a tab. False for anything else; the record is then unchanged.
[[nodiscard]] bool read_postoffice(std::string_view body, Record& record);
[[nodiscard]] bool read_postoffice_continuation(std::string_view line, Record& record);
/// The line behind the stamp, written from the fields.
[[nodiscard]] std::string write_postoffice(const Record& record);

}  // namespace sluice::tracking
