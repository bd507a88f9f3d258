// Puts generated messages into a queue, synced like any others, as the owner of the queue:
//     queue_fill --queue DIRECTORY [--socket PATH] [--channel tcp_local] [--host PATTERN]
//                [--hosts N] [--messages N] [--first-id N] [--octets N] [--young N]
// Message n, counted from --first-id, has one recipient, u<n>, at the host of number n % hosts: its
// number stands in the place of % in PATTERN. Without PATTERN hosts are addresses of this machine,
// [127.1.<h / 250>.<h % 250 + 1>], so that a sink can take what is delivered. smtp_count_sink
// counts by the header line X-Load-Id. --young: messages up to that many octets begin in segments
// (QUEUE_YOUNG_LIMIT); 0: each is a file, like mail that has been tried before. --socket: the job
// controller is told, as enqueuers do; else it finds them. Prints one line of JSON.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "arguments.h"
#include "jobs/enqueue_notifier.h"
#include "queue/commit_group.h"
#include "queue/message_writer.h"
#include "queue/store.h"

namespace {

using namespace sluice;

constexpr std::uint64_t most_messages = 100'000'000;
constexpr std::uint64_t most_hosts = 1'000'000;
constexpr std::uint64_t most_octets = 1UL << 30U;
constexpr std::uint64_t most_ids = 1'000'000'000;
/// Messages that wait for their sync: bounds open files.
constexpr std::uint64_t most_in_flight = 512;
constexpr std::chrono::seconds patience{60};
constexpr unsigned sub_directories = 20;

[[noreturn]] void fail(const Error& error) {
    std::fprintf(stderr, "queue_fill: %s\n", error.to_debug_string().c_str());
    std::exit(1);
}

std::string host_of(std::string pattern, std::uint64_t number) {
    if (pattern.empty()) {
        return "[127.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1) +
               "]";
    }
    const std::size_t place = pattern.find('%');
    if (place != std::string::npos) pattern.replace(place, 1, std::to_string(number));
    return pattern;
}

queue::Envelope envelope_of(std::uint64_t id, const std::string& host, WallTime now) {
    queue::Envelope envelope;
    envelope.enqueued = now;
    envelope.owner = "bench";
    envelope.source_channel = "tcp_local";
    envelope.source_host = "bench.example";
    envelope.envelope_id = "bench" + std::to_string(id);
    envelope.message_id = "<" + std::to_string(id) + "@bench.example>";
    envelope.sender = "s" + std::to_string(id % 10) + "@bench.example";
    queue::Recipient& recipient = envelope.recipients.emplace_back();
    recipient.host = host;
    recipient.address = "u" + std::to_string(id) + "@" + host;
    return envelope;
}

std::string content_of(std::uint64_t id, std::size_t octets) {
    std::string content = "X-Load-Id: " + std::to_string(id) +
                          "\r\nFrom: <sender@bench.example>\r\nSubject: load\r\nMessage-ID: <" +
                          std::to_string(id) + "@bench.example>\r\n\r\n";
    while (content.size() + 2 < octets) {
        content.append(std::min<std::size_t>(octets - content.size() - 2, 76), 'x');
        content += "\r\n";
    }
    return content;
}

jobs::NewMessage news_of(const queue::FinishedFile& file, const queue::Envelope& envelope) {
    jobs::NewMessage news;
    news.channel = file.location().channel;
    news.file = file.location().sub_directory + '/' + file.location().name.to_string();
    news.host = *envelope.recipients.front().host;
    news.size = file.content_size();
    news.enqueued = envelope.enqueued;
    return news;
}

struct Order {
    std::string channel;
    std::string host;
    std::uint64_t messages = 0;
    std::uint64_t hosts = 1;
    std::uint64_t first_id = 0;
    std::size_t octets = 0;
};

queue::FinishedFile write(
    queue::Store& store, const Order& order, std::uint64_t id, const queue::Envelope& envelope
) {
    auto writer =
        queue::MessageWriter::create(store, {order.channel, sub_directories, 0, {}}, envelope);
    if (!writer) fail(writer.error());
    if (auto written = writer->append(content_of(id, order.octets)); !written)
        fail(written.error());
    auto finished = writer->finish();
    if (!finished) fail(finished.error());
    return *std::move(finished);
}

/// `notifier`: nullptr where nobody is told.
void fill(queue::Store& store, const Order& order, jobs::EnqueueNotifier* notifier) {
    queue::CommitGroup group(store);
    std::atomic<std::uint64_t> in_flight{0};
    for (std::uint64_t number = 0; number < order.messages; ++number) {
        const std::uint64_t id = order.first_id + number;
        const std::string host = host_of(order.host, number % order.hosts);
        const auto envelope = envelope_of(id, host, store.clock().wall_now());
        std::vector<queue::FinishedFile> copies;
        copies.push_back(write(store, order, id, envelope));
        jobs::NewMessage news = news_of(copies.front(), envelope);
        for (auto now = in_flight.load(); now >= most_in_flight; now = in_flight.load())
            in_flight.wait(now);
        ++in_flight;
        group.submit(
            std::move(copies),
            [&in_flight, notifier, news = std::move(news)](const Result<void>& outcome) mutable {
                if (!outcome) fail(outcome.error());
                if (notifier != nullptr) notifier->notify(std::move(news));
                --in_flight;
                in_flight.notify_one();
            }
        );
        const bool may_be_behind = number % most_in_flight == 0;
        if (notifier != nullptr && may_be_behind && !notifier->flush(patience))
            fail(Error::temporary({4, 3, 0}, "no job controller", "it does not answer"));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = bench::Arguments::parse(
        argc, argv,
        {{"queue", "."},
         {"socket", ""},
         {"channel", "tcp_local"},
         {"host", ""},
         {"hosts", "1"},
         {"messages", "1000"},
         {"first-id", "0"},
         {"octets", "1024"},
         {"young", "0"}}
    );
    if (!arguments) return 2;
    queue::StoreOptions options;
    options.young_limit = arguments->number("young", most_octets);
    auto store = queue::Store::open(arguments->text("queue"), options);
    if (!store) fail(store.error());
    Order order;
    order.channel = arguments->text("channel");
    order.host = arguments->text("host");
    order.messages = arguments->number("messages", most_messages);
    order.hosts = std::max<std::uint64_t>(arguments->number("hosts", most_hosts), 1);
    order.first_id = arguments->number("first-id", most_ids);
    order.octets = arguments->number("octets", most_octets);
    std::unique_ptr<jobs::EnqueueNotifier> notifier;
    if (const std::string& socket = arguments->text("socket"); !socket.empty()) {
        notifier = std::make_unique<jobs::EnqueueNotifier>(jobs::EnqueueNotifier::Options{
            .socket_path = socket});
    }
    const auto began = std::chrono::steady_clock::now();
    fill(**store, order, notifier.get());
    if (notifier && !notifier->flush(patience))
        fail(Error::temporary({4, 3, 0}, "no job controller", "it does not answer"));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "{\"messages\":%llu,\"seconds\":%.1f}\n", static_cast<unsigned long long>(order.messages),
        took.count()
    );
    return 0;
}
