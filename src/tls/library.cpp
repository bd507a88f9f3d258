#include "tls/library.h"

#include <openssl/err.h>

#include <system_error>

namespace sluice::tls {

// The first entry names the cause; the later ones say on whose behalf.
std::string library_fault() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "unknown fault";
    if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "fault " + std::to_string(code);
}

Error library_error(std::string_view what) {
    return Error::temporary({4, 7, 0}, "TLS failure", std::string(what) + ": " + library_fault());
}

}  // namespace sluice::tls
