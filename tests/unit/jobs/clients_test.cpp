#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/unique_fd.h"
#include "jobs/control_client.h"
#include "jobs/enqueue_notifier.h"
#include "jobs/frame.h"
#include "jobs/worker_client.h"

namespace sluice::jobs {
namespace {

using namespace std::chrono_literals;

/// A job controller of few words: answers each frame with what `reply` returns; an empty text
/// answers nothing, "close" closes.
class ScriptedServer {
public:
    using Reply = std::function<std::string(const Frame&)>;

    explicit ScriptedServer(Reply reply) : reply_(std::move(reply)) {
        directory_ = std::filesystem::temp_directory_path() / ("jobs-XXXXXX");
        std::string text = directory_.string();
        EXPECT_NE(::mkdtemp(text.data()), nullptr);
        directory_ = text;
    }
    ~ScriptedServer() {
        stop();
        std::filesystem::remove_all(directory_);
    }
    std::string path() const { return (directory_ / "socket").string(); }

    void start() {
        end_ = false;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
        ::unlink(address.sun_path);
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(
            ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0
        );
        ASSERT_EQ(::listen(listener_.get(), 8), 0);
        thread_ = std::thread([this] { serve(); });
    }
    void stop() {
        end_ = true;
        if (thread_.joinable()) thread_.join();
        listener_.reset();
    }

private:
    static bool readable(int fd) {
        pollfd entry{fd, POLLIN, 0};
        return ::poll(&entry, 1, 20) == 1;
    }
    void serve() {
        while (!end_) {
            if (!readable(listener_.get())) continue;
            const UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
            FrameReader reader;
            while (!end_ && talk(peer.get(), reader)) {
            }
        }
    }
    bool talk(int fd, FrameReader& reader) {
        if (!readable(fd)) return true;
        char buffer[4096];
        const ssize_t count = ::recv(fd, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        reader.feed({buffer, static_cast<std::size_t>(count)});
        while (true) {
            auto frame = reader.next();
            if (!frame) return false;
            if (!frame->has_value()) return true;
            const std::string answer =
                (*frame)->verb == Verb::hello ? *encode(Welcome{1, 1}) : reply_(**frame);
            if (answer == "close") return false;
            ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    Reply reply_;
    std::filesystem::path directory_;
    UniqueFd listener_;
    std::atomic<bool> end_{false};
    std::thread thread_;
};

NewMessage message(int number) {
    NewMessage news;
    news.channel = "l";
    news.file = "000/ZZ" + std::to_string(number) + ".00";
    return news;
}

DoneItem outcome(std::uint64_t handle) {
    DoneItem item;
    item.handle = handle;
    return item;
}

std::string accept_all(const Frame& frame) {
    const auto enqueue = decode<Enqueue>(frame.body);
    return *encode(Accepted{static_cast<std::uint32_t>(enqueue->messages.size()), 0});
}

TEST(EnqueueNotifier, SendsWhatItIsGiven) {
    std::atomic<int> frames{0};
    ScriptedServer server([&](const Frame& frame) {
        ++frames;
        return accept_all(frame);
    });
    server.start();
    EnqueueNotifier notifier({.socket_path = server.path()});
    std::vector<NewMessage> many;
    for (int i = 0; i < 3000; ++i) many.push_back(message(i));
    notifier.notify(std::move(many));
    notifier.notify(message(3000));
    EXPECT_TRUE(notifier.flush(10s));
    EXPECT_EQ(notifier.counters().sent, 3001U);
    EXPECT_EQ(notifier.counters().dropped, 0U);
    EXPECT_EQ(notifier.counters().connects, 1U);
    EXPECT_GE(frames, 3) << "no more than a batch per frame";
    EXPECT_LE(frames, 10);
}

TEST(EnqueueNotifier, KeepsNotificationsUntilTheJobControllerIsBack) {
    ScriptedServer server(accept_all);
    EnqueueNotifier notifier({.socket_path = server.path(), .reconnect = 10ms});
    for (int i = 0; i < 10; ++i) notifier.notify(message(i));
    EXPECT_FALSE(notifier.flush(100ms));
    server.start();
    EXPECT_TRUE(notifier.flush(10s));
    EXPECT_EQ(notifier.counters().sent, 10U);
}

TEST(EnqueueNotifier, RepeatsABatchThatWasNotAnswered) {
    std::atomic<int> calls{0};
    ScriptedServer server([&](const Frame& frame) {
        return ++calls == 1 ? std::string("close") : accept_all(frame);
    });
    server.start();
    EnqueueNotifier notifier({.socket_path = server.path(), .reconnect = 10ms});
    notifier.notify(message(1));
    EXPECT_TRUE(notifier.flush(10s));
    EXPECT_EQ(notifier.counters().sent, 1U);
    EXPECT_EQ(notifier.counters().connects, 2U);
}

TEST(EnqueueNotifier, DropsAndCountsAboveItsBuffer) {
    EnqueueNotifier notifier(
        {.socket_path = "/nonexistent/socket", .buffer = 5, .flush_at_end = 0ms}
    );
    for (int i = 0; i < 8; ++i) notifier.notify(message(i));
    EXPECT_EQ(notifier.counters().dropped, 3U);
}

TEST(EnqueueNotifier, CountsWhatIsRefused) {
    ScriptedServer server([](const Frame&) { return *encode(Accepted{1, 2}); });
    server.start();
    EnqueueNotifier notifier({.socket_path = server.path()});
    notifier.notify(std::vector<NewMessage>{message(1), message(2), message(3)});
    EXPECT_TRUE(notifier.flush(10s));
    EXPECT_EQ(notifier.counters().sent, 1U);
    EXPECT_EQ(notifier.counters().refused, 2U);
}

TEST(EnqueueNotifier, FieldOverItsCeilingDoesNotStopTheOthers) {
    ScriptedServer server(accept_all);
    server.start();
    EnqueueNotifier notifier({.socket_path = server.path()});
    auto bad = message(1);
    bad.host.assign(1000, 'x');
    notifier.notify(bad);
    EXPECT_TRUE(notifier.flush(10s));
    notifier.notify(message(2));
    EXPECT_TRUE(notifier.flush(10s));
    EXPECT_EQ(notifier.counters().refused, 1U);
    EXPECT_EQ(notifier.counters().sent, 1U);
}

TEST(EnqueueNotifier, EndDoesNotWaitForAnAbsentJobController) {
    const auto begin = std::chrono::steady_clock::now();
    {
        EnqueueNotifier notifier(
            {.socket_path = "/nonexistent/socket", .reconnect = 10ms, .flush_at_end = 50ms}
        );
        notifier.notify(message(1));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(WorkerClient, AsksAndReportsInOneGo) {
    std::vector<Verb> verbs;
    ScriptedServer server([&](const Frame& frame) {
        verbs.push_back(frame.verb);
        if (frame.verb == Verb::done) return std::string();
        const auto ask = decode<Ask>(frame.body);
        EXPECT_EQ(ask->channel, "l");
        EXPECT_EQ(ask->max_messages, 5U);
        WorkItem item;
        item.handle = 42;
        item.file = "000/ZZ1.00";
        return *encode(Work{{item}, 2});
    });
    server.start();
    auto client = WorkerClient::connect({.socket_path = server.path(), .channel = "l"});
    ASSERT_TRUE(client);
    auto answer = client->ask(5, 1s);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->kind, WorkerClient::Answer::Kind::work);
    EXPECT_EQ(answer->work.items.at(0).handle, 42U);
    EXPECT_EQ(answer->work.more, 2U);
    EXPECT_TRUE(client->report(outcome(42)));
    EXPECT_TRUE(client->ask(5, 1s));
    server.stop();
    EXPECT_EQ(verbs, (std::vector<Verb>{Verb::ask, Verb::done, Verb::ask}));
}

TEST(WorkerClient, HostFailureIsReportedAtOnce) {
    std::atomic<int> reports{0};
    ScriptedServer server([&](const Frame& frame) {
        reports += static_cast<int>(decode<Done>(frame.body)->items.size());
        return std::string();
    });
    server.start();
    auto client = WorkerClient::connect({.socket_path = server.path(), .channel = "l"});
    ASSERT_TRUE(client);
    EXPECT_TRUE(client->report(outcome(1)));
    EXPECT_EQ(reports, 0);
    DoneItem failure = outcome(2);
    failure.outcome = Outcome::temp;
    failure.host_report = HostReport::failed;
    failure.reason.assign(5000, 'x');
    EXPECT_TRUE(client->report(failure));
    for (int i = 0; i < 500 && reports < 2; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(reports, 2);
}

TEST(WorkerClient, UnderstandsWaitAndExit) {
    std::atomic<int> calls{0};
    ScriptedServer server([&](const Frame&) {
        return ++calls == 1 ? *encode(Wait{17}) : *encode(Exit{});
    });
    server.start();
    auto client = WorkerClient::connect({.socket_path = server.path(), .channel = "l"});
    ASSERT_TRUE(client);
    auto wait = client->ask(1, 0s);
    ASSERT_TRUE(wait);
    EXPECT_EQ(wait->kind, WorkerClient::Answer::Kind::wait);
    EXPECT_EQ(wait->wait, 17s);
    auto exit = client->ask(1, 0s);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->kind, WorkerClient::Answer::Kind::exit);
}

TEST(WorkerClient, LostConnectionIsATemporaryErrorForGood) {
    ScriptedServer server([](const Frame&) { return std::string("close"); });
    server.start();
    auto client = WorkerClient::connect({.socket_path = server.path(), .channel = "l"});
    ASSERT_TRUE(client);
    for (int i = 0; i < 2; ++i) {
        auto answer = client->ask(1, 1s);
        ASSERT_FALSE(answer);
        EXPECT_FALSE(answer.error().is_permanent());
    }
}

TEST(WorkerClient, SilentJobControllerIsATemporaryError) {
    ScriptedServer server([](const Frame&) { return std::string(); });
    server.start();
    auto client =
        WorkerClient::connect({.socket_path = server.path(), .channel = "l", .answer = 50ms});
    ASSERT_TRUE(client);
    auto answer = client->ask(1, 0s);
    ASSERT_FALSE(answer);
    EXPECT_FALSE(answer.error().is_permanent());
}

TEST(ControlClient, ReportsTheJobControllersRefusal) {
    ScriptedServer server([](const Frame&) { return *encode(Problem{"no such channel: x"}); });
    server.start();
    auto client = ControlClient::connect(server.path());
    ASSERT_TRUE(client);
    auto affected = client->run({"x", "", "", false});
    ASSERT_FALSE(affected);
    EXPECT_TRUE(affected.error().is_permanent());
    EXPECT_EQ(affected.error().text(), "no such channel: x");
}

TEST(ControlClient, CollectsAListingOfManyFrames) {
    ScriptedServer server([](const Frame&) {
        const std::string rows = *encode(MessageRows{std::vector<MessageRow>(10)});
        return rows + rows + *encode(ListEnd{});
    });
    server.start();
    auto client = ControlClient::connect(server.path());
    ASSERT_TRUE(client);
    int rows = 0;
    EXPECT_TRUE(client->list_messages("", [&](const MessageRow&) { ++rows; }));
    EXPECT_EQ(rows, 20);
}

TEST(ControlClient, NonsenseIsAnError) {
    ScriptedServer server([](const Frame&) { return std::string("\x7f\xff\xff\xff", 4); });
    server.start();
    auto client = ControlClient::connect(server.path());
    ASSERT_TRUE(client);
    EXPECT_FALSE(client->status());
}

TEST(ControlClient, AbsentJobControllerIsATemporaryError) {
    auto client = ControlClient::connect("/nonexistent/socket");
    ASSERT_FALSE(client);
    EXPECT_FALSE(client.error().is_permanent());
    EXPECT_FALSE(ControlClient::connect(std::string(200, 'x')));
}

}  // namespace
}  // namespace sluice::jobs
