#include "tls/watched_contexts.h"

#include "base/log.h"

namespace sluice::tls {

namespace {

/// Files are looked at this often, at most.
constexpr std::chrono::seconds look_interval{10};

}  // namespace

std::shared_ptr<const ServerContexts> WatchedContexts::current(MonoTime now) {
    const std::lock_guard lock(mutex_);
    if (now < next_look_) return contexts_;
    next_look_ = now + look_interval;
    FileSignature seen = signature();
    if (seen == seen_) return contexts_;
    seen_ = std::move(seen);
    load();
    return contexts_;
}

FileSignature WatchedContexts::signature() const {
    FileSignature all;
    for (const CertificateFiles& files : settings_.certificates) {
        add_file(all, files.certificate);
        add_file(all, files.key);
    }
    if (!settings_.trust_anchors.empty()) add_file(all, settings_.trust_anchors);
    return all;
}

// A certificate and its key are two files: between the writing of one and of the other they do not
// go together. What was loaded before serves on; the next look finds the other change.
void WatchedContexts::load() {
    std::vector<std::string> faults;
    auto made = ServerContexts::make(settings_, faults);
    for (const std::string& fault : faults) diag::warning("TLS: " + fault);
    if (made && (faults.empty() || !contexts_)) {
        if (contexts_) diag::info("TLS: certificates read again");
        contexts_ = *std::move(made);
        return;
    }
    if (!made && faults.empty()) diag::warning("TLS: " + made.error().detail());
    if (contexts_) diag::warning("TLS: the certificates read before stay in use");
}

}  // namespace sluice::tls
