#include "job_controller/job_controller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "base/unique_fd.h"
#include "jobs/control_client.h"
#include "jobs/enqueue_notifier.h"
#include "jobs/worker_client.h"
#include "queue/commit_group.h"
#include "queue/message_writer.h"
#include "queue/store.h"

// The server process: in a thread of the test, with real channel programs and a real queue
// directory; killed and restarted in a process of its own where the test is about that.
namespace sluice::job_controller {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Server : public testing::Test {
protected:
    void SetUp() override {
        std::string text = (fs::temp_directory_path() / "jc-XXXXXX").string();
        ASSERT_NE(::mkdtemp(text.data()), nullptr);
        root = text;
        fs::create_directory(root / "queue");
        fs::permissions(root / "queue", fs::perms::owner_all);
        settings.socket_path = root / "socket";
        settings.queue_root = root / "queue";
        settings.log_directory = root;
        add_channel("l", "deliver", true);
    }
    void TearDown() override {
        stop();
        fs::remove_all(root);
    }

    ChannelSettings& add_channel(const std::string& name, const std::string& mode, bool anon) {
        ChannelSettings channel;
        channel.name = name;
        channel.anon_host = anon;
        if (!mode.empty()) {
            channel.master_command = std::string(SLUICE_TEST_WORKER) + ' ' + settings.socket_path +
                                     ' ' + settings.queue_root + ' ' + mode;
        }
        fs::create_directories(root / "queue" / name / "000");
        settings.channels.push_back(channel);
        return settings.channels.back();
    }
    /// An empty file with a message's name: enough where no envelope is read.
    std::string put(const std::string& channel, int number, const std::string& prefix = "ZZ") {
        char unique[32];
        std::snprintf(unique, sizeof unique, "84PHKX1L3Q0A%04d", number);
        const std::string file = "000/" + prefix + unique + ".00";
        std::ofstream(root / "queue" / channel / file) << "x";
        return file;
    }
    std::size_t on_disk(const std::string& channel) {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(root / "queue" / channel / "000")) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }
    void start() {
        controller = std::make_unique<JobController>(settings);
        auto opened = controller->open();
        ASSERT_TRUE(opened) << opened.error().to_debug_string();
        thread = std::thread([this] { EXPECT_TRUE(controller->run()); });
    }
    void stop() {
        if (!thread.joinable()) return;
        controller->request_stop();
        thread.join();
        controller.reset();
    }
    static bool eventually(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(10ms);
        }
        return true;
    }
    void notify(const std::string& channel, const std::string& file, const std::string& host = "") {
        jobs::EnqueueNotifier notifier({.socket_path = settings.socket_path});
        jobs::NewMessage message;
        message.channel = channel;
        message.file = file;
        message.host = host;
        notifier.notify(message);
        EXPECT_TRUE(notifier.flush(10s));
        last = notifier.counters();
    }
    jobs::ControlClient control() {
        auto client = jobs::ControlClient::connect(settings.socket_path);
        EXPECT_TRUE(client);
        return std::move(*client);
    }
    std::uint64_t status(const std::string& name) {
        const auto rows = control().status();
        for (const auto& row : *rows) {
            if (row.name == name) return row.value;
        }
        ADD_FAILURE() << "no status " << name;
        return 0;
    }
    jobs::ChannelRow row(const std::string& channel) {
        jobs::ChannelRow result;
        EXPECT_TRUE(control().list_channels(channel, [&](const auto& each) { result = each; }));
        return result;
    }

    fs::path root;
    JobControllerSettings settings;
    std::unique_ptr<JobController> controller;
    std::thread thread;
    jobs::EnqueueNotifier::Counters last;
};

TEST_F(Server, DeliversWhatItIsToldOf) {
    start();
    const auto file = put("l", 1);
    notify("l", file);
    EXPECT_EQ(last.sent, 1U);
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
    EXPECT_TRUE(eventually([&] { return status("delivered") == 1; }));
    EXPECT_EQ(row("l").jobs, 1U);
}

TEST_F(Server, FindsWhatLiesOnDiskAtStart) {
    for (int i = 0; i < 500; ++i) put("l", i);
    start();
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
}

TEST_F(Server, LeavesHeldAndForeignFilesAlone) {
    std::ofstream(root / "queue/l/000/ZZ84PHKX1L3Q0A0001.HELD") << "x";
    std::ofstream(root / "queue/l/000/README") << "x";
    std::ofstream(root / "queue/l/000/ZZ84PHKX1L3Q0A0002.BAD") << "x";
    put("l", 3);
    start();
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 3; }));
    EXPECT_TRUE(control().sync());
    EXPECT_TRUE(eventually([&] { return status("scans") >= 2; }));
    EXPECT_EQ(on_disk("l"), 3U);
    EXPECT_EQ(status("tracked"), 0U);
}

TEST_F(Server, SyncFindsAFileNobodyToldOf) {
    start();
    EXPECT_TRUE(eventually([&] { return status("scans") == 1; }));
    put("l", 1);
    auto client = control();
    const auto channels = client.sync();
    ASSERT_TRUE(channels);
    EXPECT_EQ(*channels, 1U);
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
}

TEST_F(Server, SmallStructureDeliversABigQueue) {
    settings.max_messages = 10;
    for (int i = 0; i < 1000; ++i) put("l", i);
    start();
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
    EXPECT_EQ(status("overflows"), 1U);
}

TEST_F(Server, FailedMessageIsDelayedUnderItsNewName) {
    settings.channels.clear();
    add_channel("l", "fail", true);
    start();
    notify("l", put("l", 1));
    EXPECT_TRUE(eventually([&] { return row("l").delayed == 1; }));
    std::string file;
    auto client = control();
    ASSERT_TRUE(client.list_messages("l", [&](const auto& message) {
        file = message.file;
        EXPECT_EQ(message.attempts, 1U);
        EXPECT_GT(message.next_try, system_clock().wall_now() + 59min);
        EXPECT_LE(message.next_try, system_clock().wall_now() + 60min);
    }));
    EXPECT_EQ(file, "000/ZY84PHKX1L3Q0A0001.00");
    // Its schedule survives a restart: it is read from the name and the time of the rename.
    stop();
    start();
    EXPECT_TRUE(eventually([&] { return row("l").delayed == 1; }));
    // Nobody has read its priority again: after the shortest of the intervals, that of urgent mail.
    EXPECT_GT(row("l").next_due, system_clock().wall_now() + 29min);
    // Run by an operator it is tried again.
    const auto affected = control().run({"l", "", "", false});
    ASSERT_TRUE(affected);
    EXPECT_EQ(*affected, 1U);
    EXPECT_TRUE(eventually([&] { return fs::exists(root / "queue/l/000/ZX84PHKX1L3Q0A0001.00"); }));
}

TEST_F(Server, CrashOfAProgramLosesNothing) {
    settings.channels.clear();
    add_channel("l", "crash", true);
    for (int i = 0; i < 20; ++i) put("l", i);
    start();
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
    EXPECT_TRUE(fs::exists(root / "queue/crashed"));
    EXPECT_EQ(status("workers_lost"), 1U);
    EXPECT_EQ(status("jobs_failed"), 1U);
}

TEST_F(Server, ProgramThatCannotBeStartedIsSuspended) {
    settings.channels.clear();
    add_channel("l", "", true).master_command = "/nonexistent/program";
    start();
    notify("l", put("l", 1));
    EXPECT_TRUE(eventually([&] { return row("l").suspended; }));
    EXPECT_EQ(status("jobs_failed"), 3U);
    EXPECT_EQ(row("l").ready, 1U);
}

TEST_F(Server, CommandForTheShellGetsTheChannelAsArgument) {
    settings.channels.clear();
    auto& channel = add_channel("l", "", true);
    channel.master_command =
        "echo \"$SLUICE_JOB\" >" + (root / "said").string() + "; exec 9>&1; ls";
    start();
    notify("l", put("l", 1));
    EXPECT_TRUE(eventually([&] { return row("l").suspended; })) << "not trusted, not run";
    EXPECT_FALSE(fs::exists(root / "said"));
    stop();
    settings.channels[0].shell_allowed = true;
    start();
    EXPECT_TRUE(eventually([&] { return fs::exists(root / "said"); }));
}

TEST_F(Server, ProgramsGetTheWhitelistedEnvironmentOnly) {
    ASSERT_EQ(::setenv("IMTA_TAILOR", "/etc/tailor", 1), 0);
    ASSERT_EQ(::setenv("SECRET_OF_THE_TEST", "1", 1), 0);
    settings.channels.clear();
    auto& channel = add_channel("l", "", true);
    channel.master_command = "/usr/bin/env";
    start();
    notify("l", put("l", 1));
    EXPECT_TRUE(eventually([&] { return row("l").suspended; }));
    std::ifstream log(root / "l_master.log");
    const std::string text((std::istreambuf_iterator<char>(log)), {});
    // env takes the channel's name for a command; what it says about that is in the log.
    EXPECT_NE(text.find("env: "), std::string::npos) << text;
    stop();
    settings.channels[0].master_command = "env;";
    settings.channels[0].shell_allowed = true;
    start();
    EXPECT_TRUE(eventually([&] {
        std::ifstream again(root / "l_master.log");
        const std::string all((std::istreambuf_iterator<char>(again)), {});
        return all.find("IMTA_TAILOR=/etc/tailor") != std::string::npos;
    }));
    std::ifstream again(root / "l_master.log");
    const std::string all((std::istreambuf_iterator<char>(again)), {});
    EXPECT_EQ(all.find("SECRET_OF_THE_TEST"), std::string::npos);
    EXPECT_NE(all.find("SLUICE_JOB="), std::string::npos);
}

TEST_F(Server, ForgedNamesAreRefused) {
    start();
    for (const char* file :
         {"../x/ZZ84PHKX1L3Q0A0001.00", "/etc/passwd", "000/../../ZZ1.00", "000/ZZ1.HELD",
          "tmp/ZZ84PHKX1L3Q0A0001.00", "000/", "", "ZZ84PHKX1L3Q0A0001.00.exe"}) {
        notify("l", file);
        EXPECT_EQ(last.refused, 1U) << file;
    }
    notify("nosuch", "000/ZZ84PHKX1L3Q0A0001.00");
    EXPECT_EQ(last.refused, 1U);
    EXPECT_EQ(status("tracked"), 0U);
}

TEST_F(Server, StoppedChannelKeepsItsMail) {
    start();
    ASSERT_TRUE(control().stop_channel("l"));
    notify("l", put("l", 1));
    EXPECT_TRUE(row("l").stopped);
    EXPECT_EQ(row("l").ready, 1U);
    EXPECT_EQ(row("l").jobs, 0U);
    ASSERT_TRUE(control().start_channel("l"));
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
    EXPECT_FALSE(control().stop_channel("nosuch"));
}

TEST_F(Server, ChannelWithoutCommandKeepsItsMailAndLists) {
    add_channel("filter_discard", "", true);
    start();
    for (int i = 0; i < 1500; ++i) put("filter_discard", i);
    ASSERT_TRUE(control().sync("filter_discard"));
    EXPECT_TRUE(eventually([&] { return row("filter_discard").ready == 1500; }));
    std::map<std::string, int> seen;
    auto client = control();
    ASSERT_TRUE(client.list_messages("", [&](const auto& message) { ++seen[message.file]; }));
    EXPECT_EQ(seen.size(), 1500U);
    ASSERT_TRUE(client.list_hosts("", [&](const auto& host) { EXPECT_EQ(host.active, 1500U); }));
    const auto dropped = client.forget("filter_discard", seen.begin()->first);
    ASSERT_TRUE(dropped);
    EXPECT_EQ(*dropped, 1U);
    EXPECT_EQ(row("filter_discard").ready, 1499U);
    std::vector<jobs::Forget> rest;
    for (const auto& [file, count] : seen) rest.push_back({"filter_discard", file});
    ASSERT_TRUE(client.forget_all(rest));
    EXPECT_EQ(row("filter_discard").ready, 0U);
}

TEST_F(Server, RefusalsAmongManyAnswersLeaveTheConnectionInStep) {
    add_channel("filter_discard", "", true);
    start();
    for (int i = 0; i < 3; ++i) put("filter_discard", i);
    ASSERT_TRUE(control().sync("filter_discard"));
    EXPECT_TRUE(eventually([&] { return row("filter_discard").ready == 3; }));
    auto client = control();
    std::vector<jobs::Forget> files;
    ASSERT_TRUE(client.list_messages("", [&](const auto& message) {
        files.push_back({"filter_discard", message.file});
    }));
    files.insert(files.begin(), {"tcp_gone", files.front().file});
    EXPECT_FALSE(client.forget_all(files)) << "there is no channel tcp_gone";
    std::uint32_t left = 0;
    ASSERT_TRUE(client.list_channels("", [&](const auto& channel) { left += channel.ready; }));
    EXPECT_EQ(left, 0U) << "those behind the refused one are forgotten as well";
}

TEST_F(Server, HostOfAScannedMessageIsReadFromItsEnvelope) {
    add_channel("tcp_local", "", false);
    {
        auto store = queue::Store::open(settings.queue_root);
        ASSERT_TRUE(store);
        queue::Envelope envelope;
        envelope.enqueued = system_clock().wall_now();
        envelope.owner = "mta";
        envelope.source_channel = "l";
        envelope.source_host = "here.example";
        envelope.envelope_id = "id";
        envelope.priority = "urgent";
        envelope.sender = "a@here.example";
        envelope.recipients.resize(2);
        envelope.recipients[0].address = "b@There.example";
        envelope.recipients[1].address = "c@there.example";
        queue::CopyOptions copy;
        copy.channel = "tcp_local";
        auto writer = queue::MessageWriter::create(**store, copy, envelope);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->append("Subject: x\r\n\r\nbody\r\n"));
        auto file = writer->finish();
        ASSERT_TRUE(file);
        std::vector<queue::FinishedFile> copies;
        copies.push_back(std::move(*file));
        ASSERT_TRUE(queue::commit_now(**store, std::move(copies)));
    }
    put("tcp_local", 77);  // no envelope: a worker shall deal with it
    start();
    std::map<std::string, jobs::HostRow> hosts;
    EXPECT_TRUE(eventually([&] {
        hosts.clear();
        auto client = control();
        return client.list_hosts("tcp_local", [&](const auto& host) { hosts[host.host] = host; }) &&
               hosts.size() == 2;
    }));
    EXPECT_EQ(hosts["there.example"].active, 1U);
    EXPECT_EQ(hosts[""].active, 1U);
    auto worker =
        jobs::WorkerClient::connect({.socket_path = settings.socket_path, .channel = "tcp_local"});
    ASSERT_TRUE(worker);
    const auto work = worker->ask(10, 10s);
    ASSERT_TRUE(work);
    ASSERT_EQ(work->work.items.size(), 1U);
    EXPECT_EQ(work->work.items[0].host, "there.example") << "urgent goes first";
    EXPECT_EQ(work->work.items[0].priority, jobs::Priority::urgent);
    EXPECT_EQ(work->work.items[0].recipients, 2U);
}

TEST_F(Server, ThreadsOfAProgramServeHostsSideBySide) {
    settings.channels.clear();
    add_channel("tcp_local", "slow threads", false);
    start();
    for (int i = 0; i < 4; ++i) {
        notify("tcp_local", put("tcp_local", i), "h" + std::to_string(i) + ".example");
    }
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return on_disk("tcp_local") == 0; }));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    EXPECT_EQ(status("jobs_started"), 1U);
    EXPECT_EQ(row("tcp_local").threads, 4U);
}

TEST_F(Server, StopWaitsForTheMessageInHand) {
    settings.channels.clear();
    add_channel("l", "slow", true);
    start();
    notify("l", put("l", 1));
    EXPECT_TRUE(eventually([&] { return row("l").in_progress == 1; }));
    stop();
    EXPECT_EQ(on_disk("l"), 0U);
    EXPECT_FALSE(fs::exists(settings.socket_path));
}

TEST_F(Server, ProgramThatDoesNotEndIsTerminated) {
    settings.channels.clear();
    settings.shutdown_wait = 0s;
    add_channel("l", "", true).master_command = "/bin/sleep 1000;";
    settings.channels[0].shell_allowed = true;
    start();
    notify("l", put("l", 1));
    EXPECT_TRUE(eventually([&] { return row("l").jobs == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
}

TEST_F(Server, SecondJobControllerOnTheSocketIsRefused) {
    start();
    JobController second(settings);
    EXPECT_FALSE(second.open());
    EXPECT_TRUE(control().status()) << "the first is not disturbed";
}

TEST_F(Server, NonsenseClosesOnlyItsConnection) {
    start();
    auto good = control();
    for (const std::string& bytes :
         {std::string("GET / HTTP/1.0\r\n\r\n"), std::string(9, '\0'), std::string(1000, '\xff'),
          std::string("\0\0\0\1\x0a", 5)}) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, settings.socket_path.c_str(), sizeof address.sun_path - 1);
        const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(
            ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size())
        );
        char octet = 0;
        EXPECT_LE(::recv(fd.get(), &octet, 1, 0), 0);
    }
    EXPECT_TRUE(good.status());
}

TEST_F(Server, OtherVersionIsToldSo) {
    start();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, settings.socket_path.c_str(), sizeof address.sun_path - 1);
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    jobs::Hello hello;
    hello.version = 999;
    const auto frame = jobs::encode(hello);
    ASSERT_GT(::send(fd.get(), frame->data(), frame->size(), MSG_NOSIGNAL), 0);
    char answer[256];
    ASSERT_GT(::recv(fd.get(), answer, sizeof answer, 0), 5);
    EXPECT_EQ(static_cast<unsigned char>(answer[4]), 0xff);
    EXPECT_EQ(::recv(fd.get(), answer, sizeof answer, 0), 0);
}

/// A clock whose wall can be set; the monotonic one is the machine's plus what was added.
class ShiftedClock final : public Clock {
public:
    WallTime wall_now() const override { return system_clock().wall_now() + shift.load(); }
    MonoTime mono_now() const override { return system_clock().mono_now() + shift.load(); }
    std::atomic<std::chrono::seconds> shift{0s};
};

TEST_F(Server, PeriodicJobRunsWhenItsTimeComes) {
    ShiftedClock clock;
    PeriodicJobSettings job;
    job.name = "return";
    job.command = "/usr/bin/touch " + (root / "ran").string();
    job.interval = 30min;
    settings.periodic_jobs.push_back(job);
    controller = std::make_unique<JobController>(settings, SettingsSource(), clock);
    ASSERT_TRUE(controller->open());
    thread = std::thread([this] { EXPECT_TRUE(controller->run()); });
    EXPECT_TRUE(control().status());
    EXPECT_FALSE(fs::exists(root / "ran"));
    clock.shift = 30min;
    EXPECT_TRUE(eventually([&] { return control().status() && fs::exists(root / "ran"); }));
    stop();  // before the clock goes
}

/// Q7: killed in the middle, restarted, killed again: everything is delivered in the end.
TEST_F(Server, KilledAndRestartedItLosesNothing) {
    settings.channels.clear();
    add_channel("l", "deliver", true).files_per_job = 20;
    for (int i = 0; i < 3000; ++i) put("l", i);
    for (int round = 0; round < 5; ++round) {
        const pid_t pid = ::fork();
        ASSERT_GE(pid, 0);
        if (pid == 0) {
            JobController child(settings);
            if (!child.open()) ::_exit(1);
            (void)child.run();
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + 30 * round));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    start();
    EXPECT_TRUE(eventually([&] { return on_disk("l") == 0; }));
    EXPECT_TRUE(eventually([&] { return status("tracked") == 0; }));
}

TEST_F(Server, CarriesManyMessagesWithLittleOfAProcessor) {
    settings.channels.clear();
    add_channel("tcp_local", "", false).thread_depth = 50;
    start();
    constexpr int count = 50000;
    std::atomic<bool> end{false};
    std::vector<std::thread> workers;
    std::atomic<int> delivered{0};
    for (unsigned i = 0; i < 4; ++i) {
        workers.emplace_back([&, i] {
            auto client = jobs::WorkerClient::connect(
                {.socket_path = settings.socket_path, .channel = "tcp_local", .thread = i}
            );
            while (!end) {
                auto answer = client->ask(50, 1s);
                if (!answer) return;
                for (const auto& item : answer->work.items) {
                    jobs::DoneItem done;
                    done.handle = item.handle;
                    if (!client->report(done)) return;
                    ++delivered;
                }
            }
        });
    }
    clockid_t cpu_clock{};
    ASSERT_EQ(::pthread_getcpuclockid(thread.native_handle(), &cpu_clock), 0);
    {
        jobs::EnqueueNotifier notifier({.socket_path = settings.socket_path});
        jobs::NewMessage message;
        message.channel = "tcp_local";
        for (int i = 0; i < count; ++i) {
            message.file = "000/ZZ84PHKX1L3Q" + std::to_string(100000 + i) + ".00";
            message.host = "h" + std::to_string(i % 50) + ".example";
            notifier.notify(message);
        }
        EXPECT_TRUE(notifier.flush(60s));
        EXPECT_EQ(notifier.counters().sent, static_cast<std::uint64_t>(count));
    }
    EXPECT_TRUE(eventually([&] { return delivered == count; }));
    EXPECT_TRUE(eventually([&] { return status("tracked") == 0; }));
    timespec used{};
    ::clock_gettime(cpu_clock, &used);
    const double seconds =
        static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
    RecordProperty("microseconds_per_message", static_cast<int>(1e6 * seconds / count));
    std::printf("job controller: %.1f us of processor per message\n", 1e6 * seconds / count);
    // 5,000 messages a second would take a tenth of a processor at 20 us each; sanitizers cost
    // more.
    EXPECT_LT(seconds / count, 200e-6);
    end = true;
    for (std::thread& worker : workers) worker.join();
}

}  // namespace
}  // namespace sluice::job_controller
