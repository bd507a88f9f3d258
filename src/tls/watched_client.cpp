#include "tls/watched_client.h"

#include "base/log.h"

namespace sluice::tls {

namespace {

/// Files are looked at this often, at most.
constexpr std::chrono::seconds look_interval{10};

}  // namespace

WatchedClient::Current WatchedClient::current(MonoTime now) {
    const std::lock_guard lock(mutex_);
    if (now < next_look_) return current_;
    next_look_ = now + look_interval;
    FileSignature seen = signature();
    if (tried_ && seen == seen_) return current_;
    seen_ = std::move(seen);
    load();
    tried_ = true;
    return current_;
}

FileSignature WatchedClient::signature() const {
    FileSignature all;
    for (const std::string& file :
         {settings_.certificate.certificate, settings_.certificate.key, settings_.trust_anchors}) {
        if (!file.empty()) add_file(all, file);
    }
    return all;
}

// Between the writing of a certificate and of its key they do not go together: the next look finds
// the other change. Streams keep what they were made from.
void WatchedClient::load() {
    auto made = ClientContext::make(settings_);
    if (made) {
        if (tried_) diag::info("TLS: certificates read again");
        current_ = {*std::move(made), {}};
        return;
    }
    diag::warning((current_.context ? "TLS: " : "no TLS: ") + made.error().detail());
    if (current_.context) {
        diag::warning("TLS: the certificates read before stay in use");
        return;
    }
    current_.fault = made.error().detail();
}

}  // namespace sluice::tls
