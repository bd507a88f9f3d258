// Sends N messages to an SMTP server on this machine over C connections and says how fast they were
// accepted. Refuses hosts outside 127/8; ends when all are accepted or after --limit seconds.
// Prints one line of JSON; exit status 0 when all were accepted, 3 when time ran out first.

#include <algorithm>
#include <cstdio>
#include <memory>

#include "arguments.h"
#include "client_session.h"
#include "poller.h"

namespace {

using namespace sluice;
using namespace std::chrono_literals;

// The first connections open one by one: a burst would measure the server's listen backlog.
constexpr auto between_connections = 1ms;
constexpr auto pause_after_failure = 50ms;
constexpr auto longest_sleep = 20ms;

struct Connection {
    bench::Stream stream;
    bench::ClientSession session;
};

class Load {
public:
    Load(Endpoint server, bench::Workload workload, std::size_t connections)
        : server_(server), ledger_(std::move(workload)), slots_(connections) {}

    void run(std::chrono::seconds limit);
    [[nodiscard]] const bench::Ledger& ledger() const { return ledger_; }
    [[nodiscard]] MonoTime started() const { return started_; }
    [[nodiscard]] std::uint64_t opened() const { return opened_; }

private:
    struct Slot {
        std::unique_ptr<Connection> connection;
        MonoTime next_attempt{};
    };

    /// Opens what is due; returns how long the loop may sleep.
    std::chrono::milliseconds open_due(MonoTime now);
    void open(Slot& slot, MonoTime now);
    [[nodiscard]] bool is_ramping() const { return opened_ < slots_.size(); }
    void serve(Slot& slot, const bench::Poller::Event& event);
    void settle(Slot& slot);

    Endpoint server_;
    bench::Ledger ledger_;
    bench::Poller poller_;
    std::vector<Slot> slots_;
    MonoTime started_{};
    MonoTime last_opened_{};
    std::uint64_t opened_ = 0;
    std::string input_;
};

MonoTime now() {
    return system_clock().mono_now();
}

void Load::run(std::chrono::seconds limit) {
    started_ = now();
    while (!ledger_.is_complete() && now() < started_ + limit) {
        for (const auto& event : poller_.wait(open_due(now()))) {
            Slot& slot = slots_[event.key];
            if (slot.connection) serve(slot, event);
        }
    }
}

std::chrono::milliseconds Load::open_due(MonoTime now) {
    auto sleep = longest_sleep;
    for (Slot& slot : slots_) {
        if (slot.connection || !ledger_.has_more()) continue;
        if (slot.next_attempt <= now &&
            (!is_ramping() || now >= last_opened_ + between_connections)) {
            open(slot, now);
        } else {
            sleep = between_connections;
        }
    }
    return sleep;
}

void Load::open(Slot& slot, MonoTime now) {
    last_opened_ = now;
    ++opened_;
    UniqueFd socket = bench::start_connecting(server_);
    if (!socket) {
        ledger_.broken();
        slot.next_attempt = now + pause_after_failure;
        return;
    }
    const auto key = static_cast<std::uint64_t>(&slot - slots_.data());
    slot.connection = std::make_unique<Connection>(Connection{
        {poller_, std::move(socket), key}, {ledger_, *ledger_.take()}});
}

void Load::serve(Slot& slot, const bench::Poller::Event& event) {
    auto& [stream, session] = *slot.connection;
    if (event.readable) {
        input_.clear();
        const bool open = stream.receive(input_);
        session.on_input(input_, now());
        if (!open) session.on_close();
    }
    if (!session.is_over() && !stream.send(session.output())) session.on_close();
    settle(slot);
}

void Load::settle(Slot& slot) {
    const bench::ClientSession& session = slot.connection->session;
    if (!session.is_over()) return;
    if (session.has_failed()) slot.next_attempt = now() + pause_after_failure;
    slot.connection.reset();
}

void print(const Load& load) {
    const bench::Ledger& ledger = load.ledger();
    const auto accepted = static_cast<double>(ledger.accepted_count());
    const MonoTime ended = accepted > 0 ? ledger.last_accepted() : load.started();
    const double elapsed = bench::seconds_of(ended) - bench::seconds_of(load.started());
    std::printf(
        "{\"accepted\":%.0f,\"elapsed\":%.4f,\"rate\":%.1f,\"connections\":%llu,\"refused\":%llu,"
        "\"broken\":%llu,",
        accepted, elapsed, elapsed > 0 ? accepted / elapsed : 0.0,
        static_cast<unsigned long long>(load.opened()),
        static_cast<unsigned long long>(ledger.refused_count()),
        static_cast<unsigned long long>(ledger.broken_count())
    );
    std::printf(
        "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"commit_p50_ms\":%.2f,\"commit_p99_ms\":%.2f,",
        ledger.latency(0.5), ledger.latency(0.99), ledger.commit_latency(0.5),
        ledger.commit_latency(0.99)
    );
    std::printf(
        "\"started\":%.4f,\"ended\":%.4f,\"cpu\":%.3f}\n", bench::seconds_of(load.started()),
        bench::seconds_of(ended), bench::own_cpu_seconds()
    );
    if (!ledger.last_refusal().empty()) {
        std::fprintf(stderr, "last refusal: %s\n", ledger.last_refusal().c_str());
    }
}

bench::Workload workload_from(const bench::Arguments& arguments) {
    bench::Workload workload;
    workload.first_id = arguments.number("first-id", 1'000'000'000);
    workload.messages = arguments.number("messages", 1'000'000);
    workload.messages_per_connection = arguments.number("per-connection", 1'000'000);
    workload.size = arguments.number("size", 100U << 20U);
    workload.users = std::max<std::uint64_t>(arguments.number("users", 1'000'000), 1);
    workload.domain = arguments.text("domain");
    workload.domains = arguments.number("domains", 1'000);
    workload.first_share = workload.domains > 1 ? arguments.number("first-share", 100) : 0;
    workload.sender = arguments.text("sender");
    workload.pipelining = arguments.number("pipelining", 1) == 1;
    return workload;
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = bench::Arguments::parse(
        argc, argv,
        {{"host", "127.0.0.1"},
         {"port", "2525"},
         {"messages", "1000"},
         {"connections", "20"},
         {"per-connection", "0"},
         {"size", "4096"},
         {"users", "1"},
         {"domain", "dest.example"},
         {"domains", "1"},
         {"first-share", "0"},
         {"sender", "from@client.example"},
         {"first-id", "0"},
         {"pipelining", "0"},
         {"limit", "60"}}
    );
    if (!arguments) return 2;
    Load load(
        arguments->loopback_endpoint(), workload_from(*arguments),
        arguments->number("connections", 10'000)
    );
    load.run(std::chrono::seconds(arguments->number("limit", 600)));
    print(load);
    return load.ledger().is_complete() ? 0 : 3;
}
