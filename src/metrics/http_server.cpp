#include "metrics/http_server.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <exception>

#include "base/limit_hits.h"
#include "base/log.h"
#include "base/version.h"

namespace sluice::metrics {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr std::chrono::seconds time_limit{10};
constexpr std::size_t most_connections = 16;
constexpr std::size_t header_ceiling = 8192;

using Parser = http::request_parser<http::empty_body>;
using Response = http::response<http::string_body>;

std::string_view view_of(beast::string_view text) {
    return {text.data(), text.size()};
}

std::string_view path_of(beast::string_view target) {
    const std::string_view text = view_of(target);
    return text.substr(0, text.find('?'));
}

/// The server is bound to an IPv4 address.
Endpoint endpoint_of(const tcp::endpoint& endpoint) {
    if (!endpoint.address().is_v4()) return {};
    return {IpAddress::v4(endpoint.address().to_v4().to_bytes()), endpoint.port()};
}

Response response_to(
    const Parser::value_type& request, const tcp::socket& socket, const HttpServer::Answer& answer
) {
    HttpReply reply;
    const bool head = request.method() == http::verb::head;
    if (!head && request.method() != http::verb::get) {
        reply.status = 405;
        reply.body = "only GET and HEAD\n";
    } else {
        beast::error_code gone;
        HttpRequest asked;
        asked.method = view_of(request.method_string());
        asked.path = path_of(request.target());
        asked.client = endpoint_of(socket.remote_endpoint(gone));
        asked.server = endpoint_of(socket.local_endpoint(gone));
        reply = answer(asked);
    }
    Response response(static_cast<http::status>(reply.status), request.version());
    response.set(http::field::server, std::string(product_version));
    response.set(http::field::content_type, reply.content_type);
    response.set(http::field::cache_control, "no-store");
    if (reply.status == 405) response.set(http::field::allow, "GET, HEAD");
    response.keep_alive(request.keep_alive());
    const std::size_t size = reply.body.size();
    if (!head) response.body() = std::move(reply.body);
    response.content_length(size);
    return response;
}

}  // namespace

struct HttpServer::Impl {
    explicit Impl(Answer its_answer) : answer(std::move(its_answer)) {}

    Answer answer;
    asio::io_context io{1};
    tcp::acceptor acceptor{io};
    asio::signal_set signals{io};
    std::size_t connections = 0;

    asio::awaitable<void> accept();
    asio::awaitable<void> serve(tcp::socket socket);
    void ended(const std::exception_ptr& failure);
};

void HttpServer::Impl::ended(const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        diag::warning(std::string("a request failed: ") + error.what());
    }
}

asio::awaitable<void> HttpServer::Impl::accept() {
    while (true) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error == asio::error::operation_aborted) co_return;
        if (error) {
            // Out of descriptors: others must end first.
            asio::steady_timer pause(io, std::chrono::seconds(1));
            co_await pause.async_wait(as_result);
            continue;
        }
        if (connections >= most_connections) {
            limits::hit(
                limits::Limit::metrics_connections,
                std::to_string(most_connections) + " connections are open; another was closed"
            );
            continue;
        }
        ++connections;
        asio::co_spawn(io, serve(std::move(socket)), [this](const std::exception_ptr& failure) {
            --connections;
            ended(failure);
        });
    }
}

asio::awaitable<void> HttpServer::Impl::serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer(2 * header_ceiling);
    bool go_on = true;
    while (go_on) {
        Parser parser;
        parser.header_limit(header_ceiling);
        stream.expires_after(time_limit);
        const auto [read_error, read] =
            co_await http::async_read_header(stream, buffer, parser, as_result);
        if (read_error) break;
        Response response = response_to(parser.get(), stream.socket(), answer);
        // Nothing is read of a request's body: where one follows, the connection ends.
        if (parser.content_length_remaining().value_or(0) > 0 || parser.chunked())
            response.keep_alive(false);
        go_on = response.keep_alive();
        const bool head = parser.get().method() == http::verb::head;
        http::response_serializer<http::string_body> serializer(response);
        stream.expires_after(time_limit);
        if (head) {
            const auto [error, sent] =
                co_await http::async_write_header(stream, serializer, as_result);
            if (error) break;
        } else {
            const auto [error, sent] = co_await http::async_write(stream, serializer, as_result);
            if (error) break;
        }
    }
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer> HttpServer::listen(std::uint16_t port, Answer answer) {
    auto impl = std::make_unique<Impl>(std::move(answer));
    const tcp::endpoint where(asio::ip::address_v4::loopback(), port);
    boost::system::error_code error;
    impl->acceptor.open(where.protocol(), error);
    if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) impl->acceptor.bind(where, error);
    if (!error) impl->acceptor.listen(static_cast<int>(most_connections), error);
    if (error) {
        return Error::temporary(
            {4, 3, 0}, "local system error",
            "cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + error.message()
        );
    }
    return HttpServer(std::move(impl));
}

std::uint16_t HttpServer::port() const {
    boost::system::error_code error;
    return impl_->acceptor.local_endpoint(error).port();
}

void HttpServer::run() {
    impl_->signals.add(SIGTERM);
    impl_->signals.add(SIGINT);
    impl_->signals.async_wait([this](const boost::system::error_code& error, int) {
        if (!error) impl_->io.stop();
    });
    asio::co_spawn(impl_->io, impl_->accept(), [this](const std::exception_ptr& failure) {
        impl_->ended(failure);
    });
    impl_->io.run();
}

void HttpServer::stop() {
    impl_->io.stop();
}

}  // namespace sluice::metrics
