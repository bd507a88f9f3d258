#include "message/charset.h"

#include <unicode/ucnv.h>

#include <algorithm>
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

std::string from_utf8(std::string_view charset, std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    std::string out(text.size() * 4 + 16, '\0');
    const auto length = ucnv_convert(
        std::string(charset).c_str(), "UTF-8", out.data(), static_cast<std::int32_t>(out.size()),
        text.data(), static_cast<std::int32_t>(text.size()), &status
    );
    if (U_SUCCESS(status) && length >= 0) {
        out.resize(static_cast<std::size_t>(length));
        std::replace(out.begin(), out.end(), '\x1a', '?');  // what ICU writes instead
        return out;
    }
    out.clear();
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x80 || octet >= 0xC0) out += octet < 0x80 ? c : '?';
    }
    return out;
}

}  // namespace sluice::message
