#pragma once

#include <string>

#include "base/result.h"
#include "tls/certificate.h"

// What contexts of both sides have in common. For the .cpp files of this room.
namespace sluice::tls {

/// A context of `method` with the defaults of the house: no renegotiation, no compression, buffers
/// that idle connections give back.
Result<ContextHandle> make_context(
    const SSL_METHOD* method, Version least, const std::string& ciphers
);
/// The anchors of `file`, or the system's.
Result<void> set_trust_anchors(SSL_CTX& context, const std::string& file);
Result<void> use_certificate(SSL_CTX& context, const Certificate& certificate);

}  // namespace sluice::tls
