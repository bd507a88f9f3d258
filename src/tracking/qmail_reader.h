#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tracking/record.h"

// What qmail-send, tcpserver, rblsmtpd, jgreylist, qmail-smtpd and recordio log
// (postoffice-and-qmail-features.md section 5). Pure. A line of the queue manager names a message
// or a delivery by number only; completion.h knows what was said about it before.
namespace sluice::tracking {

/// Reads `body`, a line behind its stamp; false for anything else, the record is then unchanged.
[[nodiscard]] bool read_qmail(std::string_view body, Record& record);
/// The line behind the stamp, written from the fields.
[[nodiscard]] std::string write_qmail(const Record& record);
/// The same of a line that is not there: nullopt where no entry of that name has these fields.
[[nodiscard]] std::optional<std::string> qmail_text(
    Dialect dialect, std::string_view entry, const std::vector<NamedValue>& fields
);

/// "Remote_host_said:_550_x/" as people write it: "Remote host said: 550 x".
[[nodiscard]] std::string uncleaned(std::string_view text);

}  // namespace sluice::tracking
