#include "dequeue/disposition.h"

namespace sluice::dequeue {

Disposition Disposition::delivered(std::string diagnostic) {
    Disposition disposition;
    disposition.kind = Kind::delivered;
    disposition.status = {2, 0, 0};
    disposition.diagnostic = std::move(diagnostic);
    return disposition;
}

Disposition Disposition::failed(StatusCode status, std::string diagnostic) {
    Disposition disposition;
    disposition.kind = Kind::failed;
    disposition.status = status;
    disposition.diagnostic = std::move(diagnostic);
    return disposition;
}

Disposition Disposition::deferred(StatusCode status, std::string diagnostic) {
    Disposition disposition;
    disposition.kind = Kind::deferred;
    disposition.status = status;
    disposition.diagnostic = std::move(diagnostic);
    return disposition;
}

Disposition Disposition::held(std::string reason) {
    Disposition disposition = deferred({4, 0, 0}, std::move(reason));
    disposition.hold = true;
    return disposition;
}

Disposition Disposition::from(const Error& error) {
    const std::string& text = error.detail().empty() ? error.text() : error.detail();
    return error.is_permanent() ? failed(error.status(), text) : deferred(error.status(), text);
}

}  // namespace sluice::dequeue
