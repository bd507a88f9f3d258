// A next hop on this machine that takes every message and counts the distinct ids smtp_load gave
// them. Says "ready PORT" on standard output; ends when all expected ids are there, on SIGTERM, or
// after --limit seconds. Prints one line of JSON; exit status 0 when all arrived, 3 otherwise.
//
// With --hosts N it is the next hop of N domains, at 127.0.1.1 to 127.0.1.N. The first of them may
// be `dead` (nobody listens) or a `tarpit` (every reply takes --delay-ms); --first says so, or
// `apart`, and then its messages are not among those that are expected: --wanted tells how many of
// the others are.

#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "arguments.h"
#include "net/socket.h"
#include "poller.h"
#include "sink_session.h"

namespace {

using namespace sluice;
using namespace std::chrono_literals;

constexpr int backlog = 1024;
constexpr std::uint64_t most_hosts = 200;
constexpr auto shortest_tick = 50ms;

volatile std::sig_atomic_t stop_wanted = 0;

struct Connection {
    bench::Stream stream;
    bench::SinkSession session;
    bool is_slow;
    MonoTime due{};  ///< of replies that a tarpit keeps back
};

struct Host {
    UniqueFd listener;
    bool is_apart;
    bool is_slow;
};

class Sink {
public:
    Sink(
        std::vector<Host> hosts,
        bench::Census census,
        bench::Census apart,
        std::chrono::milliseconds delay
    )
        : hosts_(std::move(hosts)),
          census_(std::move(census)),
          apart_(std::move(apart)),
          delay_(delay),
          last_key_(hosts_.size()) {
        for (std::size_t i = 0; i < hosts_.size(); ++i) poller_.add(hosts_[i].listener.get(), i);
    }

    /// `linger`: how long to look out for duplicates when everything has arrived.
    void run(std::chrono::seconds limit, std::chrono::milliseconds linger);
    [[nodiscard]] const bench::Census& census() const { return census_; }
    [[nodiscard]] const bench::Census& apart() const { return apart_; }
    [[nodiscard]] std::uint64_t accepted() const { return last_key_ - hosts_.size(); }
    [[nodiscard]] std::size_t most() const { return most_; }

private:
    void accept_all(const Host& host);
    void serve(const bench::Poller::Event& event);
    void send_what_is_due();

    std::vector<Host> hosts_;
    bench::Census census_;
    bench::Census apart_;
    std::chrono::milliseconds delay_;
    bench::Poller poller_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::unordered_set<std::uint64_t> slow_;
    std::uint64_t last_key_;
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
        for (const auto& event : poller_.wait(shortest_tick)) {
            if (event.key < hosts_.size()) {
                accept_all(hosts_[event.key]);
            } else {
                serve(event);
            }
        }
        send_what_is_due();
    }
}

void Sink::send_what_is_due() {
    std::erase_if(slow_, [&](std::uint64_t key) {
        const auto found = connections_.find(key);
        if (found == connections_.end()) return true;
        auto& [stream, session, is_slow, due] = *found->second;
        if (session.output().empty() || now() < due) return false;
        const bool open = stream.send(session.output());
        if (!open || session.is_over()) connections_.erase(found);
        return !open;
    });
}

void Sink::accept_all(const Host& host) {
    while (true) {
        UniqueFd socket(
            ::accept4(host.listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)
        );
        if (!socket) return;
        const std::uint64_t key = ++last_key_;
        auto connection = std::make_unique<Connection>(Connection{
            {poller_, std::move(socket), key},
            bench::SinkSession(host.is_apart ? apart_ : census_),
            host.is_slow,
            now() + delay_});
        if (host.is_slow) {
            slow_.insert(key);
        } else if (!connection->stream.send(connection->session.output())) {
            continue;
        }
        connections_.emplace(key, std::move(connection));
        most_ = std::max(most_, connections_.size());
    }
}

void Sink::serve(const bench::Poller::Event& event) {
    const auto found = connections_.find(event.key);
    if (found == connections_.end()) return;
    auto& [stream, session, is_slow, due] = *found->second;
    input_.clear();
    bool open = !event.readable || stream.receive(input_);
    const bool waits = !session.output().empty();
    session.on_input(input_, now());
    if (is_slow && open) {
        if (!waits) due = now() + delay_;
        return;
    }
    open = stream.send(session.output()) && open;
    if (!open || session.is_over()) connections_.erase(found);
}

void print(const Sink& sink) {
    const bench::Census& census = sink.census();
    std::printf(
        "{\"distinct\":%llu,\"duplicates\":%llu,\"foreign\":%llu,\"connections\":%llu,"
        "\"most_connections\":%zu,\"apart\":%llu,",
        static_cast<unsigned long long>(census.distinct()),
        static_cast<unsigned long long>(census.duplicates()),
        static_cast<unsigned long long>(census.foreign()),
        static_cast<unsigned long long>(sink.accepted()), sink.most(),
        static_cast<unsigned long long>(sink.apart().distinct())
    );
    std::printf(
        "\"first\":%.4f,\"last\":%.4f,\"cpu\":%.3f}\n", bench::seconds_of(census.first_arrival()),
        bench::seconds_of(census.last_arrival()), bench::own_cpu_seconds()
    );
}

/// Empty when a port is taken, which has been said.
std::vector<Host> listen(const bench::Arguments& arguments) {
    const std::uint64_t count = arguments.number("hosts", most_hosts);
    const std::string& first = arguments.text("first");
    Endpoint endpoint = arguments.loopback_endpoint();
    std::vector<Host> hosts;
    for (std::uint64_t i = 0; i < std::max<std::uint64_t>(count, 1); ++i) {
        if (count > 1) endpoint.address = *IpAddress::parse("127.0.1." + std::to_string(i + 1));
        auto listener = net::listen_on(endpoint, backlog);
        const auto bound = listener ? net::local_endpoint(listener->get()) : std::nullopt;
        if (!bound) {
            std::fprintf(
                stderr, "%s\n", listener ? "no address" : listener.error().to_debug_string().c_str()
            );
            return {};
        }
        endpoint.port = bound->port;
        if (i == 0 && first == "dead") continue;
        hosts.push_back(
            {*std::move(listener), i == 0 && first != "well", i == 0 && first == "tarpit"}
        );
    }
    std::printf("ready %u\n", endpoint.port);
    std::fflush(stdout);
    return hosts;
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = bench::Arguments::parse(
        argc, argv,
        {{"host", "127.0.0.1"},
         {"port", "0"},
         {"first-id", "0"},
         {"messages", "1000"},
         {"wanted", "0"},
         {"hosts", "1"},
         {"first", "well"},
         {"delay-ms", "5000"},
         {"linger-ms", "200"},
         {"limit", "60"}}
    );
    if (!arguments) return 2;
    std::vector<Host> hosts = listen(*arguments);
    if (hosts.empty()) return 1;
    std::signal(SIGTERM, [](int) { stop_wanted = 1; });

    const std::uint64_t messages = arguments->number("messages", 10'000'000);
    const std::uint64_t wanted = arguments->number("wanted", messages);
    const std::uint64_t first_id = arguments->number("first-id", 1'000'000'000);
    Sink sink(
        std::move(hosts), {first_id, messages, wanted == 0 ? messages : wanted},
        {first_id, messages, messages},
        std::chrono::milliseconds(arguments->number("delay-ms", 600'000))
    );
    sink.run(
        std::chrono::seconds(arguments->number("limit", 600)),
        std::chrono::milliseconds(arguments->number("linger-ms", 60'000))
    );
    print(sink);
    return sink.census().is_complete() ? 0 : 3;
}
