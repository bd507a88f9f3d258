#include "dequeue/attempt_debug.h"

#include "base/log.h"

namespace sluice::dequeue {

namespace {

std::string_view word_of(Disposition::Kind kind) {
    switch (kind) {
        case Disposition::Kind::delivered:
            return "delivered";
        case Disposition::Kind::relayed:
            return "relayed";
        case Disposition::Kind::expanded:
            return "expanded";
        case Disposition::Kind::failed:
            return "failed";
        case Disposition::Kind::deferred:
            return "deferred";
    }
    return "deferred";
}

}  // namespace

void show_attempt(const Attempt& attempt, const std::string& host) {
    const queue::MessageLocation& location = attempt.file.location();
    diag::info(
        location.relative_path() + ": attempt " + std::to_string(location.name.attempts + 1) +
        (host.empty() ? "" : " for host " + host) + ", recipients to serve " +
        std::to_string(attempt.indexes.size()) + " of " +
        std::to_string(attempt.file.envelope().recipients.size())
    );
}

void show_dispositions(const Attempt& attempt) {
    for (std::size_t i = 0; i < attempt.dispositions.size(); ++i) {
        const Disposition& disposition = attempt.dispositions[i];
        diag::info(
            attempt.file.location().relative_path() + ": " + attempt.recipients[i].address + ' ' +
            std::string(word_of(disposition.kind)) + ", " + disposition.status.to_string() +
            (disposition.diagnostic.empty() ? "" : ": " + disposition.diagnostic)
        );
    }
}

}  // namespace sluice::dequeue
