#include "job_controller/peers.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/limit_hits.h"
#include "support/scratch_directory.h"

namespace sluice::job_controller {
namespace {

using std::chrono::milliseconds;

/// A program that speaks with the job controller.
class Program {
public:
    explicit Program(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        const auto* to = reinterpret_cast<const sockaddr*>(&address);
        EXPECT_EQ(::connect(fd_.get(), to, sizeof address), 0);
    }
    void say(const std::string& octets) {
        EXPECT_EQ(
            ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(octets.size())
        );
    }
    /// What is there to read; -1: nothing yet, 0: closed.
    ssize_t read() {
        std::array<char, 4096> buffer{};
        return ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    }

private:
    UniqueFd fd_;
};

class PeersTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(loop_.open());
        ASSERT_TRUE(peers_.listen(path_));
        limits::set_counter([this](limits::Limit limit, std::uint64_t times) {
            if (limit == limits::Limit::job_controller_programs) refused_ += times;
            if (limit == limits::Limit::job_controller_output) stuck_ += times;
        });
    }
    void TearDown() override { limits::set_counter({}); }
    void turn() {
        ASSERT_TRUE(loop_.turn(milliseconds(0)));
        peers_.flush();
    }

    static constexpr PeerLimits small{2, 1U << 20U};
    const test::ScratchDirectory scratch_;
    const std::string path_ = scratch_.path("socket");
    std::size_t answer_ = 0;  ///< octets, to every frame
    unsigned gone_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t stuck_ = 0;
    EventLoop loop_;
    Peers peers_{
        loop_,
        [this](Peer& peer, const jobs::Frame&) {
            peer.output.append(answer_, 'x');
            return true;
        },
        [this](Peer&) { ++gone_; }, small};
};

TEST_F(PeersTest, BeyondTheLimitNobodyIsTakenUntilOneGoes) {
    const Program first(path_);
    std::optional<Program> second(std::in_place, path_);
    turn();
    EXPECT_EQ(peers_.count(), 2U);
    EXPECT_EQ(refused_, 0U);
    Program third(path_);
    turn();
    EXPECT_EQ(peers_.count(), 2U);
    EXPECT_EQ(refused_, 1U);
    EXPECT_EQ(third.read(), 0);
    second.reset();
    turn();
    EXPECT_EQ(gone_, 1U);
    Program fourth(path_);
    turn();
    EXPECT_EQ(peers_.count(), 2U);
    EXPECT_EQ(fourth.read(), -1) << "open, and silent";
}

TEST_F(PeersTest, WhoReadsNoAnswersIsClosedAboveTheBoundOnly) {
    Program program(path_);
    turn();
    program.say(*jobs::encode(jobs::Hello{.role = jobs::Role::control}));
    turn();
    EXPECT_GT(program.read(), 0);
    const std::string question = *jobs::encode(jobs::Status{});
    answer_ = small.output;
    program.say(question);
    turn();
    EXPECT_EQ(stuck_, 0U) << "the socket has taken some of it, the rest is at most the bound";
    EXPECT_EQ(peers_.count(), 1U);
    program.say(question);
    turn();
    EXPECT_EQ(stuck_, 1U);
    EXPECT_EQ(peers_.count(), 0U);
    EXPECT_EQ(gone_, 1U);
}

}  // namespace
}  // namespace sluice::job_controller
