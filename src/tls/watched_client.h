#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "tls/client_context.h"
#include "tls/file_signature.h"
#include "tls/settings.h"

namespace sluice::tls {

/// What a client's TLS streams are made from, made again when its certificate or the trust anchors
/// have changed. Files that cannot be used change nothing. Thread-safe.
class WatchedClient {
public:
    explicit WatchedClient(ClientSettings settings) : settings_(std::move(settings)) {}

    struct Current {
        std::shared_ptr<ClientContext> context;  ///< nullptr: there is no TLS
        std::string fault;                       ///< why
    };
    [[nodiscard]] Current current(MonoTime now);

private:
    [[nodiscard]] FileSignature signature() const;
    void load();

    const ClientSettings settings_;
    std::mutex mutex_;
    Current current_;
    FileSignature seen_;
    bool tried_ = false;
    MonoTime next_look_ = MonoTime::min();
};

}  // namespace sluice::tls
