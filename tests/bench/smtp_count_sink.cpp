// A next hop on this machine that takes every message and counts the distinct ids smtp_load gave
// them. Says "ready PORT" on standard output; ends when all expected ids are there, on SIGTERM, or
// after --limit seconds. Prints one line of JSON; exit status 0 when all arrived, 3 otherwise.

#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <unordered_map>

#include "arguments.h"
#include "net/socket.h"
#include "poller.h"
#include "sink_session.h"

namespace {

using namespace sluice;
using namespace std::chrono_literals;

constexpr int backlog = 1024;
constexpr std::uint64_t listener_key = 0;

volatile std::sig_atomic_t stop_wanted = 0;

struct Connection {
    bench::Stream stream;
    bench::SinkSession session;
};

class Sink {
public:
    Sink(UniqueFd listener, bench::Census census)
        : listener_(std::move(listener)), census_(std::move(census)) {
        poller_.add(listener_.get(), listener_key);
    }

    /// `linger`: how long to look out for duplicates when everything has arrived.
    void run(std::chrono::seconds limit, std::chrono::milliseconds linger);
    [[nodiscard]] const bench::Census& census() const { return census_; }
    [[nodiscard]] std::uint64_t accepted() const { return last_key_; }
    [[nodiscard]] std::size_t most() const { return most_; }

private:
    void accept_all();
    void serve(const bench::Poller::Event& event);

    UniqueFd listener_;
    bench::Census census_;
    bench::Poller poller_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::uint64_t last_key_ = listener_key;
    std::size_t most_ = 0;
    std::string input_;
};

MonoTime now() {
    return system_clock().mono_now();
}

void Sink::run(std::chrono::seconds limit, std::chrono::milliseconds linger) {
    const MonoTime end = now() + limit;
    while (stop_wanted == 0 && now() < end) {
        if (census_.is_complete() && now() > census_.last_arrival() + linger) return;
        for (const auto& event : poller_.wait(50ms)) {
            if (event.key == listener_key) {
                accept_all();
            } else {
                serve(event);
            }
        }
    }
}

void Sink::accept_all() {
    while (true) {
        UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket) return;
        const std::uint64_t key = ++last_key_;
        auto connection = std::make_unique<Connection>(Connection{
            {poller_, std::move(socket), key}, bench::SinkSession(census_)});
        if (!connection->stream.send(connection->session.output())) continue;
        connections_.emplace(key, std::move(connection));
        most_ = std::max(most_, connections_.size());
    }
}

void Sink::serve(const bench::Poller::Event& event) {
    const auto found = connections_.find(event.key);
    if (found == connections_.end()) return;
    auto& [stream, session] = *found->second;
    input_.clear();
    bool open = !event.readable || stream.receive(input_);
    session.on_input(input_, now());
    open = stream.send(session.output()) && open;
    if (!open || session.is_over()) connections_.erase(found);
}

void print(const Sink& sink) {
    const bench::Census& census = sink.census();
    std::printf(
        "{\"distinct\":%llu,\"duplicates\":%llu,\"foreign\":%llu,\"connections\":%llu,"
        "\"most_connections\":%zu,",
        static_cast<unsigned long long>(census.distinct()),
        static_cast<unsigned long long>(census.duplicates()),
        static_cast<unsigned long long>(census.foreign()),
        static_cast<unsigned long long>(sink.accepted()), sink.most()
    );
    std::printf(
        "\"first\":%.4f,\"last\":%.4f,\"cpu\":%.3f}\n", bench::seconds_of(census.first_arrival()),
        bench::seconds_of(census.last_arrival()), bench::own_cpu_seconds()
    );
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = bench::Arguments::parse(
        argc, argv,
        {{"host", "127.0.0.1"},
         {"port", "0"},
         {"first-id", "0"},
         {"messages", "1000"},
         {"linger-ms", "200"},
         {"limit", "60"}}
    );
    if (!arguments) return 2;
    auto listener = net::listen_on(arguments->loopback_endpoint(), backlog);
    if (!listener) {
        std::fprintf(stderr, "%s\n", listener.error().to_debug_string().c_str());
        return 1;
    }
    const auto bound = net::local_endpoint(listener->get());
    std::signal(SIGTERM, [](int) { stop_wanted = 1; });
    std::printf("ready %u\n", bound ? bound->port : 0U);
    std::fflush(stdout);

    const bench::Census census(
        arguments->number("first-id", 1'000'000'000), arguments->number("messages", 10'000'000)
    );
    Sink sink(*std::move(listener), census);
    sink.run(
        std::chrono::seconds(arguments->number("limit", 600)),
        std::chrono::milliseconds(arguments->number("linger-ms", 60'000))
    );
    print(sink);
    return sink.census().is_complete() ? 0 : 3;
}
