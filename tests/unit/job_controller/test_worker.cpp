// A channel program for tests of the job controller:
//     job_controller_test_worker SOCKET QUEUE MODE [MODE...] CHANNEL
// deliver     removes the file and reports it delivered, or gone
// slow        sleeps 300 ms before each message
// fail        reports a temporary failure and renames the file as after an attempt
// crash       dies with the first message in its hands, once per queue ("crashed" marks it)
// threads     four threads, one of which is spare
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "jobs/worker_client.h"
#include "queue/message_name.h"

namespace {

using namespace sluice;

struct Program {
    std::string socket;
    std::string queue;
    std::string channel;
    std::set<std::string> modes;

    [[nodiscard]] bool is(const char* mode) const { return modes.count(mode) > 0; }

    void crash_once() const {
        const std::string mark = queue + "/crashed";
        if (!is("crash") || file_exists(mark)) return;
        if (!replace_file(mark, "")) std::exit(1);
        ::raise(SIGKILL);
    }

    jobs::DoneItem process(const jobs::WorkItem& item) const {
        jobs::DoneItem done;
        done.handle = item.handle;
        const std::string path = queue + '/' + channel + '/' + item.file;
        crash_once();
        if (is("slow")) std::this_thread::sleep_for(std::chrono::milliseconds(300));
        if (is("fail")) {
            const std::size_t slash = item.file.find('/');
            auto name = queue::MessageName::parse(item.file.substr(slash + 1));
            name->attempts += 1;
            done.new_file = item.file.substr(0, slash + 1) + name->to_string();
            done.outcome = jobs::Outcome::temp;
            done.reason = "451 4.7.1 later";
            std::rename(path.c_str(), (queue + '/' + channel + '/' + done.new_file).c_str());
        } else if (::unlink(path.c_str()) != 0) {
            done.outcome = jobs::Outcome::gone;
        }
        return done;
    }

    void serve(std::uint32_t thread) const {
        jobs::WorkerClient::Options options;
        options.socket_path = socket;
        options.channel = channel;
        options.thread = thread;
        options.thread_limit = is("threads") ? 4 : 1;
        options.job = jobs::WorkerClient::job_from_environment();
        auto client = jobs::WorkerClient::connect(options);
        if (!client) return;
        while (true) {
            auto answer = client->ask(100, std::chrono::seconds(30));
            if (!answer || answer->kind == jobs::WorkerClient::Answer::Kind::exit) return;
            std::this_thread::sleep_for(answer->wait);
            for (const auto& item : answer->work.items) {
                if (!client->report(process(item))) return;
            }
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 64;
    const std::vector<std::string> words(argv + 1, argv + argc);
    Program program{words[0], words[1], words.back(), {words.begin() + 2, words.end() - 1}};
    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; program.is("threads") && i < 4; ++i) {
        threads.emplace_back([&program, i] { program.serve(i); });
    }
    program.serve(0);
    for (std::thread& thread : threads) thread.join();
    return 0;
}
