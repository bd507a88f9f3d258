#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"

namespace sluice::metrics {

struct HttpRequest {
    std::string_view method;  ///< GET or HEAD
    std::string_view path;    ///< begins with "/", has no query
    Endpoint client;
    Endpoint server;
};

/// What is said to a request.
struct HttpReply {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

/// HTTP on 127.0.0.1: GET and HEAD, no bodies, few connections at a time, each with a time limit.
/// One thread.
class HttpServer {
public:
    using Answer = std::function<HttpReply(const HttpRequest& request)>;

    /// Binds; port 0 takes any.
    static Result<HttpServer> listen(std::uint16_t port, Answer answer);
    HttpServer(HttpServer&&) noexcept;
    HttpServer& operator=(HttpServer&&) noexcept;
    ~HttpServer();

    [[nodiscard]] std::uint16_t port() const;
    /// Serves until SIGTERM or SIGINT, or stop().
    void run();
    /// From any thread.
    void stop();

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::metrics
