#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "tls/library.h"
#include "tls/settings.h"

namespace sluice::tls {

/// A certificate with its chain and its key, as read from files.
struct Certificate {
    CertificateFiles files;
    CertificateHandle own;
    std::vector<CertificateHandle> chain;  ///< without the own one
    KeyHandle key;
    std::vector<std::string> hosts;  ///< that it is for: DNS names, or else the common name

    /// Whether it is for `host`; "*" stands for the first label (RFC 6125 section 6.4.3).
    [[nodiscard]] bool covers(std::string_view host) const;
};

/// Reads both files. The Error's detail names the file and what is wrong with it: it cannot be
/// read, holds no certificate or key, needs a password, or the two do not belong together.
Result<Certificate> load_certificate(const CertificateFiles& files);

/// What is wrong with a certificate that can be used all the same: it has expired, is not valid
/// yet, or its key can be read by everybody.
std::vector<std::string> remarks_about(const Certificate& certificate, WallTime now);

/// Whether the name pattern of a certificate is for `host`.
bool matches_host(std::string_view pattern, std::string_view host);

/// Subject alternative names of one kind (GEN_DNS, GEN_EMAIL), at most as many as anybody needs.
std::vector<std::string> alternative_names(const X509& certificate, int kind);
/// "CN=…,O=…" (RFC 4514), printable.
std::string name_text(const X509_NAME& name);
/// The common name; empty where there is none, or one that is no text.
std::string common_name(const X509& certificate);

}  // namespace sluice::tls
