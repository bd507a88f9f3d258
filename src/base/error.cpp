#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace sluice {

std::string StatusCode::to_string() const {
    return std::to_string(status_class) + '.' + std::to_string(subject) + '.' +
           std::to_string(detail);
}

Error Error::from_errno(int error_number, std::string_view what) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    const std::string reason = std::generic_category().message(error_number);
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
