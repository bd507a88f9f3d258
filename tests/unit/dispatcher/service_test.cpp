#include "dispatcher/service.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "net/socket.h"

namespace sluice::dispatcher {
namespace {

using std::chrono::seconds;

/// A service whose workers are real processes; time is the test's.
class ServiceTest : public testing::Test {
protected:
    ServiceTest() {
        char name[] = "/tmp/sluice-dispatcher-XXXXXX";
        directory_ = ::mkdtemp(name);
        ServiceSettings settings;
        settings.name = "TEST";
        settings.program = std::filesystem::read_symlink("/proc/self/exe").parent_path() /
                           "dispatcher_test_worker";
        settings.arguments = {directory_ + "/first"};
        settings.limits.max_procs = 1;
        service_ = std::make_unique<Service>(settings, std::vector<std::string>{}, 0, passed_);
    }
    ~ServiceTest() override {
        service_->kill_workers(SIGKILL);
        while (service_->worker_count() > 0) wait_for_exit();
        std::filesystem::remove_all(directory_);
    }

    /// Starts what is due and waits until a worker is ready.
    void wait_for_room() {
        service_->tick(now_);
        while (!service_->has_room()) {
            for (const auto& [worker, channel] : service_->channels()) {
                pollfd waiting{channel, POLLIN, 0};
                ASSERT_GT(::poll(&waiting, 1, 30000), 0);
                service_->on_worker_readable(worker, now_);
            }
        }
    }
    /// A connection for the service; the test keeps the client's end.
    UniqueFd hand_over(std::uint64_t id) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        net::HandedConnection connection;
        connection.id = id;
        connection.service = "TEST";
        connection.local = {*IpAddress::parse("127.0.0.1"), 25};
        connection.remote = {*IpAddress::parse("192.0.2.1"), 4000};
        connection.socket.reset(ends[1]);
        service_->hand_over(std::move(connection), now_);
        return UniqueFd(ends[0]);
    }
    static bool is_readable(const UniqueFd& client, int limit_ms) {
        pollfd waiting{client.get(), POLLIN, 0};
        return ::poll(&waiting, 1, limit_ms) > 0;
    }
    void wait_for_exit() {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, 0);
        ASSERT_GT(pid, 0);
        last_signal_ = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        service_->on_child_exit(pid, status, now_);
    }

    std::string directory_;
    PassedSockets passed_;
    std::unique_ptr<Service> service_;
    MonoTime now_ = MonoTime(seconds(1000));
    int last_signal_ = 0;
};

TEST_F(ServiceTest, ConnectionOfAStuckWorkerGoesToAnotherOnlyOnceThatOneIsDead) {
    wait_for_room();
    const UniqueFd client = hand_over(1);
    now_ += seconds(9);
    service_->tick(now_);
    EXPECT_FALSE(is_readable(client, 100));
    EXPECT_EQ(service_->worker_count(), 1U);

    now_ += seconds(1);
    service_->tick(now_);
    wait_for_exit();
    EXPECT_EQ(last_signal_, SIGKILL);
    EXPECT_FALSE(is_readable(client, 0));

    wait_for_room();
    std::array<char, 16> greeting{};
    ASSERT_TRUE(is_readable(client, 30000));
    EXPECT_EQ(::read(client.get(), greeting.data(), greeting.size()), 6);
}

TEST_F(ServiceTest, WorkerThatIsSilentForTwoMinutesIsKilled) {
    wait_for_room();
    now_ += seconds(119);
    service_->tick(now_);
    pollfd end{service_->channels().front().second, POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 0), 0);
    now_ += seconds(1);
    service_->tick(now_);
    wait_for_exit();
    EXPECT_EQ(last_signal_, SIGKILL);
}

// More connections than the channel to a worker holds: they wait, nobody complains, and the order
// to retire that came too late for the channel is not forgotten.
TEST_F(ServiceTest, FullChannelIsTriedAgain) {
    UniqueFd(::open((directory_ + "/first").c_str(), O_CREAT | O_WRONLY, 0600)).reset();
    ServiceSettings settings = service_->settings();
    settings.limits.max_conns = 1000;
    service_ = std::make_unique<Service>(settings, std::vector<std::string>{}, 0, passed_);
    const std::string log = directory_ + "/log";
    diag::open_log(log);
    wait_for_room();
    service_->kill_workers(SIGSTOP);
    std::vector<UniqueFd> clients;
    for (std::uint64_t id = 1; id <= 400; ++id) clients.push_back(hand_over(id));
    service_->retire_workers();
    service_->kill_workers(SIGCONT);
    int status = 0;
    pid_t gone = 0;
    while ((gone = ::waitpid(-1, &status, WNOHANG)) == 0) {
        service_->tick(now_);
        for (const auto& [worker, channel] : service_->channels()) {
            pollfd waiting{channel, POLLIN, 0};
            if (::poll(&waiting, 1, 10) > 0) service_->on_worker_readable(worker, now_);
        }
    }
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(service_->on_child_exit(gone, status, now_));
    EXPECT_EQ(read_file(log).value().find(" W "), std::string::npos);
}

/// Listens on the loopback, on a port of the kernel's choice.
Endpoint free_endpoint() {
    const auto socket = net::listen_on({IpAddress::v4({127, 0, 0, 1}), 0}, 1);
    EXPECT_TRUE(socket);
    return net::local_endpoint(socket->get()).value();
}

bool answers(const Endpoint& endpoint) {
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

class ReloadTest : public ServiceTest {
protected:
    /// Until every worker has answered or is gone.
    void wait_for_answers() {
        while (service_->reload_pending()) {
            for (const auto& [worker, channel] : service_->channels()) {
                pollfd waiting{channel, POLLIN, 0};
                ASSERT_GT(::poll(&waiting, 1, 30000), 0);
                service_->on_worker_readable(worker, now_);
            }
        }
    }
};

TEST_F(ReloadTest, KeepsWorkersThatTakeTheConfiguration) {
    wait_for_room();
    EXPECT_TRUE(service_->reconfigure(service_->settings()).empty());
    EXPECT_TRUE(service_->reload_pending());
    wait_for_answers();
    EXPECT_TRUE(service_->has_room());
    EXPECT_EQ(service_->worker_count(), 1U);
}

TEST_F(ReloadTest, ReplacesWorkersThatCannot) {
    wait_for_room();
    UniqueFd refusal(::open((directory_ + "/first.refuse").c_str(), O_CREAT | O_WRONLY, 0600));
    service_->reconfigure(service_->settings());
    wait_for_answers();
    EXPECT_FALSE(service_->has_room());
    wait_for_exit();
    EXPECT_EQ(last_signal_, 0);
    wait_for_room();
}

TEST_F(ReloadTest, ReplacesWorkersOfAnotherProgram) {
    wait_for_room();
    ServiceSettings changed = service_->settings();
    changed.arguments = {directory_ + "/second"};
    service_->reconfigure(changed);
    EXPECT_FALSE(service_->reload_pending());
    EXPECT_FALSE(service_->has_room());
    wait_for_exit();
    wait_for_room();
}

TEST_F(ReloadTest, BindsAndUnbindsPorts) {
    ServiceSettings changed = service_->settings();
    const Endpoint first = free_endpoint();
    changed.listen = {first};
    EXPECT_TRUE(service_->reconfigure(changed).empty());
    EXPECT_TRUE(answers(first));
    const int socket = service_->listeners().front().socket.get();

    const Endpoint second = free_endpoint();
    changed.listen = {first, second};
    EXPECT_TRUE(service_->reconfigure(changed).empty());
    EXPECT_TRUE(answers(second));
    EXPECT_EQ(service_->listeners().front().socket.get(), socket)
        << "a port that stays is not touched";

    changed.listen = {second};
    EXPECT_TRUE(service_->reconfigure(changed).empty());
    EXPECT_FALSE(answers(first));
}

TEST_F(ReloadTest, SaysWhichPortCannotBeHad) {
    const auto taken = net::listen_on({IpAddress::v4({127, 0, 0, 1}), 0}, 1);
    ServiceSettings changed = service_->settings();
    changed.listen = {net::local_endpoint(taken->get()).value()};
    const auto failures = service_->reconfigure(changed);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_NE(failures[0].find("service TEST cannot listen on 127.0.0.1:"), std::string::npos);
}

TEST_F(ReloadTest, AServiceThatIsGoneStartsNobody) {
    wait_for_room();
    service_->close();
    EXPECT_FALSE(service_->has_room());
    wait_for_exit();
    service_->tick(now_);
    EXPECT_EQ(service_->worker_count(), 0U);
}

}  // namespace
}  // namespace sluice::dispatcher
