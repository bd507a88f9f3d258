#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tracking/record.h"

// post.office-MMDD.log (postoffice-and-qmail-features.md section 3). Pure.
namespace sluice::tracking {

/// Reads `body`, a line behind its date and colon, or a continuation line of a control record,
/// which begins with a tab. False for anything else; the record is then unchanged.
[[nodiscard]] bool read_postoffice(std::string_view body, Record& record);
[[nodiscard]] bool read_postoffice_continuation(std::string_view line, Record& record);
/// The line behind the stamp, written from the fields.
[[nodiscard]] std::string write_postoffice(const Record& record);
/// The same of a line that is not there, with its tab where it is of a control record: nullopt
/// where no entry of that name has these fields.
[[nodiscard]] std::optional<std::string> postoffice_text(
    std::string_view entry, const std::vector<NamedValue>& fields
);

}  // namespace sluice::tracking
