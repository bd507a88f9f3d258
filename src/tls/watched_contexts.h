#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "tls/file_signature.h"
#include "tls/server_contexts.h"
#include "tls/settings.h"

namespace sluice::tls {

/// The contexts of a server, made again when a certificate file has changed: whoever renews
/// certificates need not tell anybody. Files that cannot be used change nothing. Thread-safe.
class WatchedContexts {
public:
    /// Reads no file yet: where nobody asks for TLS none need be there.
    explicit WatchedContexts(ServerSettings settings) : settings_(std::move(settings)) {}

    /// nullptr: there is no TLS, because there is no certificate that can be used. Faults go to the
    /// component log.
    [[nodiscard]] std::shared_ptr<const ServerContexts> current(MonoTime now);

private:
    [[nodiscard]] FileSignature signature() const;
    void load();

    const ServerSettings settings_;
    std::mutex mutex_;
    std::shared_ptr<const ServerContexts> contexts_;
    FileSignature seen_;
    MonoTime next_look_ = MonoTime::min();
};

}  // namespace sluice::tls
