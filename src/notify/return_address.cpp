#include "notify/return_address.h"

#include "base/bytes.h"
#include "message/address_list.h"
#include "message/header_field.h"

namespace sluice::notify {

ReturnAddress return_address(
    NoticeKind kind, std::string_view sender, std::string_view header, const ReturnFields& fields
) {
    ReturnAddress result{std::string(sender)};
    if (sender.empty()) return result;
    const bool is_asked =
        (is_failure(kind) && fields.errors_to) || (is_warning(kind) && fields.warnings_to);
    if (!is_asked) return result;
    const auto value = message::find_header(header, is_failure(kind) ? "Errors-to" : "Warnings-to");
    if (!value) return result;
    if (trim(*value).empty()) {
        result.is_suppressed = true;
        return result;
    }
    const auto list = message::parse_address_list(*value);
    if (!list || list->addresses.empty()) return result;
    const std::string& first = list->addresses.front().address;
    if (first.empty()) result.is_suppressed = true;
    // What is no address would never arrive.
    if (first.find_first_of(" \t\r\n<>") == std::string::npos && !first.empty())
        result.address = first;
    return result;
}

}  // namespace sluice::notify
