#include "message/charset.h"

#include <unicode/ucnv.h>

#include <cstdint>

#include "base/bytes.h"
#include "base/utf8.h"

namespace sluice::message {

std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes) {
    if (equals_ignoring_case(charset, "utf-8") || equals_ignoring_case(charset, "us-ascii")) {
        return is_utf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
    }
    UErrorCode status = U_ZERO_ERROR;
    std::string out(bytes.size() * 4 + 16, '\0');
    const auto length = ucnv_convert(
        "UTF-8", std::string(charset).c_str(), out.data(), static_cast<std::int32_t>(out.size()),
        bytes.data(), static_cast<std::int32_t>(bytes.size()), &status
    );
    if (U_FAILURE(status) || length < 0) return std::nullopt;
    out.resize(static_cast<std::size_t>(length));
    return out;
}

}  // namespace sluice::message
