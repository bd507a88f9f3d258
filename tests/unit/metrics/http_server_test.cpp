#include "metrics/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace sluice::metrics {
namespace {

class Http : public testing::Test {
protected:
    void SetUp() override {
        auto listening = HttpServer::listen(0, [this](const HttpRequest& request) {
            asked_ += std::string(request.path) + ' ';
            from_ = request.client.address.to_string();
            port_ = request.server.port;
            HttpReply reply;
            if (request.path == "/metrics") {
                reply.body = "mta_up 1\n";
            } else {
                reply.status = 404;
                reply.body = "nothing here\n";
            }
            return reply;
        });
        ASSERT_TRUE(listening) << listening.error().to_debug_string();
        server_ = std::make_unique<HttpServer>(std::move(*listening));
        thread_ = std::thread([this] { server_->run(); });
    }
    void TearDown() override {
        if (server_) server_->stop();
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] UniqueFd connect() const {
        UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server_->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        return fd;
    }
    /// Everything until the server closes.
    static std::string read_all(int fd) {
        std::string text;
        char buffer[4096];
        for (ssize_t count = 0; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(count));
        return text;
    }
    std::string ask(const std::string& request) {
        const UniqueFd fd = connect();
        // Whoever is not served is closed, perhaps before this.
        (void)::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
        return read_all(fd.get());
    }

    std::string asked_;
    std::string from_;
    std::uint16_t port_ = 0;
    std::unique_ptr<HttpServer> server_;
    std::thread thread_;
};

constexpr const char* last = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST_F(Http, AnswersGetWithoutTheQuery) {
    const std::string reply = ask(std::string("GET /metrics?x=1") + last);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\nmta_up 1\n")) << reply;
    EXPECT_NE(reply.find("\r\nContent-Length: 9\r\n"), std::string::npos) << reply;
    EXPECT_NE(reply.find("\r\nCache-Control: no-store\r\n"), std::string::npos) << reply;
    EXPECT_EQ(asked_, "/metrics ");
    EXPECT_EQ(from_, "127.0.0.1");
    EXPECT_EQ(port_, server_->port());
}

TEST_F(Http, AnswersHeadWithTheLengthAlone) {
    const std::string reply = ask(std::string("HEAD /metrics") + last);
    EXPECT_NE(reply.find("\r\nContent-Length: 9\r\n"), std::string::npos) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST_F(Http, KeepsTheConnectionForTheNextQuestion) {
    const std::string reply =
        ask(std::string("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /other") + last);
    EXPECT_NE(reply.find("mta_up 1\n"), std::string::npos);
    EXPECT_NE(reply.find("HTTP/1.1 404 Not Found\r\n"), std::string::npos);
    EXPECT_EQ(asked_, "/metrics /other ");
}

TEST_F(Http, TakesNothing) {
    const std::string reply =
        ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ");
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << reply;
    EXPECT_NE(reply.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos) << reply;
    EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos) << reply;
    EXPECT_EQ(asked_, "");
}

TEST_F(Http, ClosesOnWhatIsNoRequest) {
    EXPECT_EQ(ask("EHLO x\r\n\r\n"), "");
    EXPECT_EQ(ask("GET /metrics HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"), "");
    EXPECT_EQ(asked_, "");
}

TEST_F(Http, ServesSixteenAtATime) {
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 16; ++i) silent.push_back(connect());
    // Accepted in the order of their coming: the seventeenth is closed, without a word.
    const UniqueFd further = connect();
    EXPECT_EQ(read_all(further.get()), "");
    // One that ends makes room; its end is noticed in its own time.
    silent.pop_back();
    std::string reply;
    for (int i = 0; i < 1000 && reply.empty(); ++i) reply = ask(std::string("GET /metrics") + last);
    EXPECT_TRUE(reply.ends_with("mta_up 1\n"));
}

TEST_F(Http, ListensOnLoopbackAlone) {
    sockaddr_in address{};
    const UniqueFd fd = connect();
    socklen_t size = sizeof address;
    ASSERT_EQ(::getpeername(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(ntohl(address.sin_addr.s_addr), INADDR_LOOPBACK);
    // The port is taken for good.
    EXPECT_FALSE(HttpServer::listen(server_->port(), [](const HttpRequest&) { return HttpReply{}; })
    );
}

}  // namespace
}  // namespace sluice::metrics
