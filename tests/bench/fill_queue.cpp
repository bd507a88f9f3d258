// Fills a queue with generated messages, synced like any others.
//   fill_queue --root QUEUE [--channel tcp_local] [--messages 1000] [--hosts 100] [--octets 1024]
//   [--young 0]
// Message n goes to u<n>@[127.1.<h / 250>.<h % 250 + 1>], h = n % hosts: addresses of this machine,
// so that a sink can take what is delivered. --young: messages up to that many octets begin in
// segments (QUEUE_YOUNG_LIMIT); 0: each is a file, like mail that has been tried before.
// Run it as the owner of the queue. Prints one line of JSON.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "arguments.h"
#include "queue/commit_group.h"
#include "queue/message_writer.h"
#include "queue/store.h"

namespace {

using namespace sluice;

constexpr std::uint64_t most_messages = 100'000'000;
constexpr std::uint64_t most_hosts = 62'500;
constexpr std::uint64_t most_octets = 1UL << 30U;
/// Messages that wait for their sync: bounds open files.
constexpr std::uint64_t most_in_flight = 512;
constexpr unsigned sub_directories = 20;

std::string host_of(std::uint64_t number) {
    return "[127.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1) + "]";
}

queue::Envelope envelope_of(std::uint64_t number, std::uint64_t hosts) {
    const std::string id = std::to_string(number);
    queue::Envelope envelope;
    envelope.enqueued = system_clock().wall_now();
    envelope.owner = "bench";
    envelope.source_channel = "tcp_local";
    envelope.source_host = "bench.example";
    envelope.envelope_id = "bench" + id;
    envelope.message_id = "<" + id + "@bench.example>";
    envelope.sender = "s" + std::to_string(number % 10) + "@bench.example";
    queue::Recipient recipient;
    recipient.host = host_of(number % hosts);
    recipient.address = "u" + id + "@" + *recipient.host;
    envelope.recipients.push_back(recipient);
    return envelope;
}

std::string content_of(std::uint64_t number, std::size_t octets) {
    std::string content = "Subject: bench " + std::to_string(number) + "\r\nMessage-ID: <" +
                          std::to_string(number) + "@bench.example>\r\n\r\n";
    while (content.size() + 2 < octets) {
        content.append(std::min<std::size_t>(octets - content.size() - 2, 76), 'x');
        content += "\r\n";
    }
    return content;
}

[[noreturn]] void fail(const Error& error) {
    std::fprintf(stderr, "fill_queue: %s\n", error.to_debug_string().c_str());
    std::exit(1);
}

struct Order {
    std::string channel;
    std::uint64_t messages = 0;
    std::uint64_t hosts = 0;
    std::size_t octets = 0;
};

void fill(queue::Store& store, const Order& order) {
    queue::CommitGroup group(store);
    std::atomic<std::uint64_t> in_flight{0};
    for (std::uint64_t number = 0; number < order.messages; ++number) {
        auto writer = queue::MessageWriter::create(
            store, {order.channel, sub_directories, 0, {}}, envelope_of(number, order.hosts)
        );
        if (!writer) fail(writer.error());
        if (auto written = writer->append(content_of(number, order.octets)); !written)
            fail(written.error());
        auto finished = writer->finish();
        if (!finished) fail(finished.error());
        std::vector<queue::FinishedFile> copies;
        copies.push_back(*std::move(finished));
        for (auto now = in_flight.load(); now >= most_in_flight; now = in_flight.load())
            in_flight.wait(now);
        ++in_flight;
        group.submit(std::move(copies), [&in_flight](const Result<void>& outcome) {
            if (!outcome) fail(outcome.error());
            --in_flight;
            in_flight.notify_one();
        });
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = bench::Arguments::parse(
        argc, argv,
        {{"root", "."},
         {"channel", "tcp_local"},
         {"messages", "1000"},
         {"hosts", "100"},
         {"octets", "1024"},
         {"young", "0"}}
    );
    if (!arguments) return 2;
    queue::StoreOptions options;
    options.young_limit = arguments->number("young", most_octets);
    auto store = queue::Store::open(arguments->text("root"), options);
    if (!store) fail(store.error());
    const Order order{
        arguments->text("channel"), arguments->number("messages", most_messages),
        std::max<std::uint64_t>(arguments->number("hosts", most_hosts), 1),
        arguments->number("octets", most_octets)};
    const auto began = std::chrono::steady_clock::now();
    fill(**store, order);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "{\"messages\":%llu,\"seconds\":%.1f}\n", static_cast<unsigned long long>(order.messages),
        took.count()
    );
    return 0;
}
