#include "ident_query.h"

#include <boost/asio.hpp>
#include <memory>

#include "net/ident.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
    boost::system::error_code error;
    const auto parsed = asio::ip::make_address(address.to_string(), error);
    return {error ? asio::ip::address() : parsed, port};
}

/// The socket and the timer that closes it: the timer's handler may outlive the question.
struct Query {
    explicit Query(asio::io_context& io) : socket(io), watchdog(io) {}
    tcp::socket socket;
    asio::steady_timer watchdog;
};

}  // namespace

asio::awaitable<std::string> ask_ident(
    asio::io_context& io, Endpoint local, Endpoint remote, std::chrono::milliseconds limit
) {
    auto query = std::make_shared<Query>(io);
    query->watchdog.expires_after(limit);
    query->watchdog.async_wait([query](const boost::system::error_code& error) {
        boost::system::error_code ignored;
        if (!error) query->socket.close(ignored);
    });
    const tcp::endpoint from = endpoint_of(local.address, 0);
    const tcp::endpoint to = endpoint_of(remote.address, net::ident_port);
    boost::system::error_code failure;
    query->socket.open(to.protocol(), failure);
    if (!failure) query->socket.bind(from, failure);
    std::string reply;
    if (!failure) {
        const auto [error] = co_await query->socket.async_connect(to, as_result);
        failure = error;
    }
    if (!failure) {
        const std::string question = net::ident_question(local, remote);
        const auto [error, sent] =
            co_await asio::async_write(query->socket, asio::buffer(question), as_result);
        failure = error;
    }
    if (!failure) {
        auto line = asio::dynamic_buffer(reply, net::longest_ident_reply);
        // The line may end with the connection: what came is judged in any case.
        co_await asio::async_read_until(query->socket, line, '\n', as_result);
    }
    query->watchdog.cancel();
    co_return net::parse_ident_reply(reply, local, remote).value_or(std::string());
}

}  // namespace sluice::smtp_server
