#include "client_socket.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

tcp::socket::wait_type wait_after(tls::Io step) {
    return step == tls::Io::wants_write ? tcp::socket::wait_write : tcp::socket::wait_read;
}

bool must_wait(tls::Io step) {
    return step == tls::Io::wants_read || step == tls::Io::wants_write;
}

}  // namespace

asio::awaitable<void> ClientSocket::shake_hands(
    std::shared_ptr<const tls::ServerContexts> contexts, MonoTime limit
) {
    if (!open_stream(contexts.get())) co_return;
    while (true) {
        const tls::Io step = tls_->handshake();
        if (step == tls::Io::done) co_return;
        if (!must_wait(step)) break;
        const Wait waited = co_await wait_for(wait_after(step), limit);
        if (waited == Wait::ready) continue;
        tls_fault_ = waited == Wait::timed_out ? "timeout" : "the handshake was broken off";
        break;
    }
    if (tls_fault_.empty()) tls_fault_ = tls_->fault();
    tls_.reset();
}

bool ClientSocket::open_stream(const tls::ServerContexts* contexts) {
    if (contexts == nullptr) {
        tls_fault_ = "no certificate";
        return false;
    }
    auto stream = contexts->accept(socket_.native_handle());
    if (stream) {
        tls_ = *std::move(stream);
    } else {
        tls_fault_ = stream.error().detail();
    }
    return tls_.has_value();
}

void ClientSocket::say_goodbye() {
    if (tls_) tls_->say_goodbye();
}

// Reads until nothing is left that no socket would tell of, or the buffer is full; then there may
// be more.
ClientSocket::Move ClientSocket::read_tls(std::string_view& input) {
    std::size_t filled = 0;
    tls::Io step = tls::Io::done;
    while (filled < buffer_.size()) {
        std::size_t size = 0;
        step = tls_->read(buffer_.subspan(filled), size);
        if (step != tls::Io::done) break;
        filled += size;
    }
    tls_has_more_ = step == tls::Io::done;
    reads_after_ = wait_after(step);
    if (filled > 0) {
        octets_in_ += filled;
        input = {buffer_.data(), filled};
        return Move::done;
    }
    return must_wait(step) ? Move::must_wait : Move::gone;
}

ClientSocket::Move ClientSocket::write_tls(std::string& output) {
    while (!output.empty()) {
        std::size_t size = 0;
        const tls::Io step = tls_->write(output, size);
        writes_after_ =
            step == tls::Io::wants_read ? tcp::socket::wait_read : tcp::socket::wait_write;
        if (must_wait(step)) return Move::must_wait;
        if (step != tls::Io::done) return Move::gone;
        octets_out_ += size;
        output.erase(0, size);
    }
    return Move::done;
}

}  // namespace sluice::smtp_server
