#include "queue/failure.h"

#include <cerrno>

namespace sluice::queue {

Failure failure_kind(const Error& error) {
    switch (error.error_number()) {
        case ENOENT:
        case ENOTDIR:
            return Failure::gone;
        case EAGAIN:
            return Failure::busy;
        case EBADMSG:
            return Failure::damaged;
        case EPROTONOSUPPORT:
            return Failure::other_version;
        case EPERM:
        case EACCES:
        case ELOOP:
        case EISDIR:
        case ENXIO:
            return Failure::alien;
        default:
            return Failure::io;
    }
}

Error gone_error(std::string_view what) {
    return Error::from_errno(ENOENT, what);
}
Error busy_error(std::string_view what) {
    return Error::from_errno(EAGAIN, what);
}
Error damaged_error(std::string_view what) {
    return Error::from_errno(EBADMSG, what);
}
Error other_version_error(std::string_view what) {
    return Error::from_errno(EPROTONOSUPPORT, what);
}
Error alien_error(std::string_view what) {
    return Error::from_errno(EPERM, what);
}

}  // namespace sluice::queue
