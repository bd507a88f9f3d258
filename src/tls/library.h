#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/deleter.h"
#include "base/error.h"

// OpenSSL's handles and errors in the house's clothes. For the .cpp files of this room.
namespace sluice::tls {

using ContextHandle = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, Deleter<SSL_free>>;
using CertificateHandle = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using SessionHandle = std::unique_ptr<SSL_SESSION, Deleter<SSL_SESSION_free>>;
using BioHandle = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

/// The last thing the library complained of on this thread, in its words; empties its queue.
std::string library_fault();
/// The same as an Error: "what: fault".
Error library_error(std::string_view what);

}  // namespace sluice::tls
