#include "client_socket.h"

#include <sys/socket.h>

#include <cerrno>

namespace sluice::smtp_server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

bool must_wait() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

ClientSocket::ClientSocket(
    asio::io_context& io, net::HandedConnection& connection, std::span<char> buffer
)
    : buffer_(buffer), socket_(io), watchdog_(io, socket_) {
    const auto protocol = connection.local.address.is_v4() ? tcp::v4() : tcp::v6();
    boost::system::error_code error;
    socket_.assign(protocol, connection.socket.release(), error);
    if (!error) socket_.native_non_blocking(true, error);
    if (!error) socket_.set_option(tcp::no_delay(true), error);
    if (!error) socket_.set_option(tcp::socket::keep_alive(true), error);
}

void ClientSocket::wake() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void ClientSocket::close() {
    watchdog_.stop();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

ClientSocket::Move ClientSocket::read(std::string_view& input) {
    return tls_ ? read_tls(input) : read_plain(input);
}

ClientSocket::Move ClientSocket::write(std::string& output) {
    return tls_ ? write_tls(output) : write_plain(output);
}

ClientSocket::Move ClientSocket::read_plain(std::string_view& input) {
    const ssize_t size =
        ::recv(socket_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size > 0) {
        octets_in_ += static_cast<std::uint64_t>(size);
        input = {buffer_.data(), static_cast<std::size_t>(size)};
        return Move::done;
    }
    if (size < 0 && (must_wait() || errno == EINTR)) return Move::must_wait;
    return Move::gone;
}

ClientSocket::Move ClientSocket::write_plain(std::string& output) {
    while (!output.empty()) {
        const ssize_t size = ::send(
            socket_.native_handle(), output.data(), output.size(), MSG_DONTWAIT | MSG_NOSIGNAL
        );
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return must_wait() ? Move::must_wait : Move::gone;
        octets_out_ += static_cast<std::uint64_t>(size);
        output.erase(0, static_cast<std::size_t>(size));
    }
    return Move::done;
}

asio::awaitable<ClientSocket::Wait> ClientSocket::wait_to_read(MonoTime limit) {
    return wait_for(reads_after_, limit);
}

asio::awaitable<ClientSocket::Wait> ClientSocket::wait_to_write(MonoTime limit) {
    return wait_for(writes_after_, limit);
}

asio::awaitable<ClientSocket::Wait> ClientSocket::wait_for(
    tcp::socket::wait_type what, MonoTime limit
) {
    watchdog_.set(limit);
    const auto [error] = co_await socket_.async_wait(what, as_result);
    const bool timed_out = error && watchdog_.expired();
    watchdog_.set(no_deadline);
    if (timed_out) co_return Wait::timed_out;
    if (error == asio::error::operation_aborted) co_return Wait::woken;
    co_return error ? Wait::failed : Wait::ready;
}

bool ClientSocket::has_spoken() {
    char first = 0;
    return ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void ClientSocket::end_sending() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace sluice::smtp_server
