#include "tls/stream.h"

#include <openssl/err.h>

#include <cerrno>
#include <cstring>

#include "tls/stream_parts.h"

namespace sluice::tls {

struct Stream::Impl {
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    // The library gives up the session of a connection that ends without goodbyes, and its tickets
    // with it; that a peer hangs up says nothing about them.
    ~Impl() {
        if (ssl && !broken) SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }

    SslHandle ssl;
    std::shared_ptr<const void> owner;
    std::string fault;
    bool broken = false;  ///< the library must not be asked to say goodbye
};

Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::Stream(Stream&& other) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept = default;
Stream::~Stream() = default;

Stream StreamParts::make(SslHandle ssl, std::shared_ptr<const void> owner) {
    auto impl = std::make_unique<Stream::Impl>();
    impl->ssl = std::move(ssl);
    impl->owner = std::move(owner);
    return Stream(std::move(impl));
}

Io Stream::handshake() {
    ERR_clear_error();
    return outcome(SSL_do_handshake(impl_->ssl.get()));
}

Io Stream::read(std::span<char> into, std::size_t& size) {
    ERR_clear_error();
    return outcome(SSL_read_ex(impl_->ssl.get(), into.data(), into.size(), &size));
}

Io Stream::write(std::string_view octets, std::size_t& size) {
    ERR_clear_error();
    return outcome(SSL_write_ex(impl_->ssl.get(), octets.data(), octets.size(), &size));
}

Io Stream::outcome(int returned) {
    if (returned > 0) return Io::done;
    const int system_error = errno;
    switch (SSL_get_error(impl_->ssl.get(), returned)) {
        case SSL_ERROR_WANT_READ:
            return Io::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Io::wants_write;
        case SSL_ERROR_ZERO_RETURN:
            return Io::closed;
        case SSL_ERROR_SYSCALL:
            impl_->broken = true;
            impl_->fault = system_error == 0 ? "connection closed" : std::strerror(system_error);
            ERR_clear_error();
            return Io::closed;
        default:
            break;
    }
    impl_->broken = true;
    // Mail has ends of its own: who hangs up without the alert has still said all he wanted to.
    const bool hung_up = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    impl_->fault = library_fault();
    return hung_up ? Io::closed : Io::failed;
}

void Stream::say_goodbye() {
    if (impl_->broken || SSL_in_init(impl_->ssl.get()) != 0) return;
    ERR_clear_error();
    SSL_shutdown(impl_->ssl.get());
    ERR_clear_error();
}

Facts Stream::facts() const {
    return facts_of(*impl_->ssl);
}

const std::string& Stream::fault() const {
    return impl_->fault;
}

}  // namespace sluice::tls
