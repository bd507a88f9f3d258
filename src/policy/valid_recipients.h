#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::policy {

/// What VALID_RCPT_DATABASE is asked for an address, in order, as validrcptto of qmail does it: the
/// address, without its subaddress, with "-default" for what stands behind each hyphen from the
/// last to the first, and its domain alone ("@domain"). Pure.
std::vector<std::string> valid_recipient_keys(std::string_view local_part, std::string_view domain);

}  // namespace sluice::policy
