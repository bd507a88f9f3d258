#include "base/error.h"

#include <cerrno>
#include <system_error>

#include "base/bytes.h"
#include "base/denial_hint.h"

namespace sluice {

std::string StatusCode::to_string() const {
    return std::to_string(status_class) + '.' + std::to_string(subject) + '.' +
           std::to_string(detail);
}

std::optional<StatusCode> parse_status_code(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 3) return std::nullopt;
    const auto status_class = parse_unsigned(parts[0]);
    const auto subject = parse_unsigned(parts[1]);
    const auto detail = parse_unsigned(parts[2]);
    // RFC 3463 section 2: subject and detail have one to three digits.
    const bool legal = status_class && subject && detail && *subject <= 999 && *detail <= 999 &&
                       (*status_class == 2 || *status_class == 4 || *status_class == 5);
    if (!legal) return std::nullopt;
    return StatusCode{
        static_cast<std::uint16_t>(*status_class), static_cast<std::uint16_t>(*subject),
        static_cast<std::uint16_t>(*detail)};
}

namespace {

std::string& denial_hint() {
    static std::string hint;
    return hint;
}

}  // namespace

void set_denial_hint(std::string hint) {
    denial_hint() = std::move(hint);
}

Error Error::from_errno(int error_number, std::string_view what) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    std::string reason = std::generic_category().message(error_number);
    if (error_number == EACCES) reason += denial_hint();
    Error error = temporary(
        full ? StatusCode{4, 3, 1} : StatusCode{4, 3, 0},
        full ? "insufficient system storage" : "local system error",
        std::string(what) + ": " + reason
    );
    error.error_number_ = error_number;
    return error;
}

std::string Error::to_debug_string() const {
    return std::string(permanent_ ? "permanent " : "temporary ") + status_.to_string() + ' ' +
           text_ + (detail_.empty() ? "" : " (" + detail_ + ")");
}

}  // namespace sluice
