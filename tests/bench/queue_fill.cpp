// Puts messages into the queue of an instance and tells its job controller, as enqueuers do:
//     queue_fill --queue DIRECTORY --socket PATH --host NAME --hosts N --messages N --first-id N
// A host name with %: the number of the host, below --hosts, stands in its place. Each message has
// one recipient and the id that smtp_count_sink counts.
#include <cstdio>
#include <string>
#include <vector>

#include "arguments.h"
#include "jobs/enqueue_notifier.h"
#include "queue/commit.h"
#include "queue/message_writer.h"
#include "queue/store.h"
#include "queue/sync_pool.h"

namespace {

using namespace sluice;

constexpr std::size_t batch = 500;
const std::string channel = "tcp_local";

std::string host_of(std::string pattern, std::uint64_t number) {
    const std::size_t place = pattern.find('%');
    if (place != std::string::npos) pattern.replace(place, 1, std::to_string(number));
    return pattern;
}

queue::Envelope envelope_for(const std::string& host, std::uint64_t id, WallTime now) {
    queue::Envelope envelope;
    envelope.enqueued = now;
    envelope.owner = "bench";
    envelope.source_channel = "tcp_local";
    envelope.source_host = "bench.example";
    envelope.envelope_id = std::to_string(id);
    envelope.sender = "sender@bench.example";
    queue::Recipient& recipient = envelope.recipients.emplace_back();
    recipient.address = "u" + std::to_string(id) + "@" + host;
    recipient.host = host;
    return envelope;
}

Result<queue::FinishedFile> write(queue::Store& store, const std::string& host, std::uint64_t id) {
    queue::CopyOptions copy;
    copy.channel = channel;
    copy.subdirs = 20;
    auto writer =
        queue::MessageWriter::create(store, copy, envelope_for(host, id, store.clock().wall_now()));
    if (!writer) return std::move(writer).error();
    const std::string text = "X-Load-Id: " + std::to_string(id) +
                             "\r\nFrom: <sender@bench.example>\r\nSubject: load\r\n\r\n" +
                             std::string(1024, 'x') + "\r\n";
    if (auto written = writer->append(text); !written) return std::move(written).error();
    return writer->finish();
}

jobs::NewMessage news_of(const queue::FinishedFile& file, const std::string& host, WallTime now) {
    jobs::NewMessage news;
    news.channel = channel;
    news.file = file.location().sub_directory + '/' + file.location().name.to_string();
    news.host = host;
    news.size = file.content_size();
    news.enqueued = now;
    return news;
}

Result<void> fill(
    queue::Store& store, jobs::EnqueueNotifier& notifier, const bench::Arguments& arguments
) {
    const std::uint64_t messages = arguments.number("messages", 10'000'000);
    const std::uint64_t first = arguments.number("first-id", 1'000'000'000);
    const std::uint64_t hosts = arguments.number("hosts", 1'000'000);
    queue::SyncPool pool(4);
    for (std::uint64_t done = 0; done < messages;) {
        std::vector<queue::CommitItem> items;
        std::vector<jobs::NewMessage> news;
        for (; items.size() < batch && done < messages; ++done) {
            const std::string host = host_of(arguments.text("host"), done % hosts);
            auto file = write(store, host, first + done);
            if (!file) return std::move(file).error();
            news.push_back(news_of(*file, host, store.clock().wall_now()));
            items.emplace_back().copies.push_back(*std::move(file));
        }
        queue::commit_batch(store, pool, items);
        for (const queue::CommitItem& item : items) {
            if (item.failure) return *item.failure;
        }
        notifier.notify(std::move(news));
        if (!notifier.flush(std::chrono::seconds(60)))
            return Error::temporary({4, 3, 0}, "no job controller", "it does not answer");
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = bench::Arguments::parse(
        argc, argv,
        {{"queue", ""},
         {"socket", ""},
         {"host", "h%.example"},
         {"hosts", "1"},
         {"messages", "1000"},
         {"first-id", "0"}}
    );
    if (!arguments) return 2;
    queue::StoreOptions options;
    auto store = queue::Store::open(arguments->text("queue"), options);
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error().to_debug_string().c_str());
        return 1;
    }
    jobs::EnqueueNotifier notifier({.socket_path = arguments->text("socket")});
    if (auto filled = fill(**store, notifier, *arguments); !filled) {
        std::fprintf(stderr, "%s\n", filled.error().to_debug_string().c_str());
        return 1;
    }
    return 0;
}
