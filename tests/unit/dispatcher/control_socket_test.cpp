#include "dispatcher/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>

#include "net/socket.h"
#include "support/scratch_directory.h"

namespace sluice::dispatcher {
namespace {

class ControlSocketTest : public testing::Test {
protected:
    static ControlSocket::Answer says(const std::string& word) {
        return [word](std::string_view line) { return word + ' ' + std::string(line) + '\n'; };
    }
    void serve(ControlSocket& socket) {
        std::vector<pollfd> polled;
        socket.collect(polled);
        ::poll(polled.data(), polled.size(), 30000);
        for (const pollfd& event : polled) socket.serve(event, now_);
    }
    std::string ask(ControlSocket& socket, std::string_view question) {
        const auto client = net::connect_to_path(path_);
        if (!client) return client.error().detail();
        EXPECT_GT(::send(client->get(), question.data(), question.size(), MSG_NOSIGNAL), 0);
        serve(socket);
        serve(socket);
        std::array<char, 256> answer{};
        const auto size = ::recv(client->get(), answer.data(), answer.size(), MSG_DONTWAIT);
        return {answer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }

    test::ScratchDirectory directory_;
    std::string path_ = directory_.path("dispatcher.sock");
    MonoTime now_{std::chrono::seconds(1000)};
};

TEST_F(ControlSocketTest, AnswersALine) {
    ControlSocket socket;
    socket.open(path_, says("first"));
    EXPECT_EQ(ask(socket, "STATISTICS\nmore"), "first STATISTICS\n");
    socket.close();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

// A dispatcher that waits for its last sessions, and the next one, which serves already.
TEST_F(ControlSocketTest, TheNameOfASuccessorIsLeftAlone) {
    ControlSocket leaving;
    leaving.open(path_, says("leaving"));
    ControlSocket next;
    next.open(path_, says("next"));
    leaving.close();
    EXPECT_EQ(ask(next, "STATISTICS\n"), "next STATISTICS\n");
    next.close();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, AQuestionWithoutEndIsNotGathered) {
    ControlSocket socket;
    socket.open(path_, says("first"));
    EXPECT_EQ(ask(socket, std::string(4000, 'x')), "");
    EXPECT_EQ(ask(socket, "STATISTICS\n"), "first STATISTICS\n");
    socket.close();
}

TEST_F(ControlSocketTest, WhoSaysNothingGivesItsPlaceUp) {
    ControlSocket socket;
    socket.open(path_, says("first"));
    std::vector<UniqueFd> silent;
    for (std::size_t i = 0; i < ControlSocket::most_clients; ++i) {
        auto client = net::connect_to_path(path_);
        ASSERT_TRUE(client);
        silent.push_back(std::move(*client));
        serve(socket);
    }
    now_ += std::chrono::seconds(11);
    socket.expire(now_);
    EXPECT_EQ(ask(socket, "STATISTICS\n"), "first STATISTICS\n");
    socket.close();
}

}  // namespace
}  // namespace sluice::dispatcher
