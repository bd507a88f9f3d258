// What a message costs in the forms of mail.log, Post.Office and qmail: one recipient, delivered
// over SMTP, all entries. Then the writing of lines into a self-rotating directory.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "log/render.h"
#include "multilog/log_directory.h"
#include "postoffice_log/render.h"
#include "qmail_log/qmail_sink.h"
#include "qmail_log/send_lines.h"
#include "qmail_log/smtp_lines.h"

namespace {

using namespace sluice;
using log::Event;
using log::EventKind;

Event event_of(EventKind kind) {
    Event event;
    event.kind = kind;
    event.time = WallTime(std::chrono::seconds(1'763'720'100));
    event.enqueued = event.time;
    event.node = "mail.example.com";
    event.process = {4711, 3, 17};
    event.session = 42;
    event.source_channel = "tcp_local";
    event.destination_channel = "tcp_local";
    event.bytes = 20480;
    event.sender = "somebody@sender.example";
    event.original_recipient = event.recipient = "somebody.else@recipient.example";
    event.file_name = "/var/mta/queue/tcp_local/007/ZZ84PHKX1L3Q0A0001.00";
    event.envelope_id = "84PHKX1L3Q0A0001@mail.example.com";
    event.message_id = "<20251121101500.12345@sender.example>";
    event.transport = log::Transport{
        {*IpAddress::parse("192.0.2.1"), 25}, {*IpAddress::parse("198.51.100.7"), 40001}};
    event.delivery_class = log::DeliveryClass::remote;
    event.delivery_number = 5;
    event.remote_host = "mx.recipient.example";
    event.remote_text = "250 2.0.0 Ok: queued as 4F1Z2B3C4D";
    return event;
}

/// Everything that happens between the arrival of a connection and the end of its message.
std::vector<Event> a_message() {
    std::vector<Event> events;
    for (const EventKind kind :
         {EventKind::connection_arrived, EventKind::connection_opened, EventKind::sender_accepted,
          EventKind::recipient_accepted, EventKind::enqueued, EventKind::connection_closed,
          EventKind::delivery_started, EventKind::dequeued, EventKind::message_gone})
        events.push_back(event_of(kind));
    return events;
}

class Counters final : public qmail_log::SendCounters {
public:
    void reset() override {}
    void set_stopping() override {}
    std::uint64_t begin_delivery(DeliveryKey, bool) override { return ++last_; }
    std::optional<std::uint64_t> end_delivery(DeliveryKey) override { return last_; }
    Running running() override { return {1, 7, false}; }
    void add_files(std::uint64_t, std::uint64_t, bool) override {}
    bool remove_file(std::uint64_t) override { return true; }

private:
    std::uint64_t last_ = 0;
};

/// Lines a second.
void count(benchmark::State& state, const std::string& lines) {
    const auto each = std::count(lines.begin(), lines.end(), '\n');
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * each);
}

void mail_log(benchmark::State& state) {
    const auto events = a_message();
    log::LogOptions options;
    options.connection = 255;
    options.message_id = options.filename = options.process = true;
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (const Event& event : events) log::render(out, event, options, TimeZone());
        benchmark::DoNotOptimize(out.data());
    }
    count(state, out);
}
BENCHMARK(mail_log);

void postoffice(benchmark::State& state) {
    const auto events = a_message();
    postoffice_log::RenderOptions options;
    options.host = "mail.example.com";
    options.zone = TimeZone();
    std::string out;
    for (auto _ : state) {
        out.clear();
        postoffice_log::render(out, events, options);
        benchmark::DoNotOptimize(out.data());
    }
    count(state, out);
}
BENCHMARK(postoffice);

void qmail(benchmark::State& state) {
    const auto events = a_message();
    qmail_log::SmtpLineOptions smtp;
    smtp.host = "mail.example.com";
    Counters counters;
    std::string out;
    for (auto _ : state) {
        out.clear();
        qmail_log::render_send(out, events, {}, counters);
        for (const Event& event : events) qmail_log::render_smtp(out, event, smtp);
        benchmark::DoNotOptimize(out.data());
    }
    count(state, out);
}
BENCHMARK(qmail);

/// A directory that goes with the benchmark.
class Folder {
public:
    Folder() {
        std::string pattern = "/tmp/sluice-bench-XXXXXX";
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// A write(2) for each line, rotation at a megabyte.
void log_directory(benchmark::State& state) {
    const Folder folder;
    multilog::DirectorySettings settings;
    settings.path = folder.path() + "/log";
    settings.size = 1U << 20U;
    multilog::LogDirectory log(settings);
    const std::string line =
        "@400000006920a0e40751f5c8 qmail-smtpd[42]: MAIL FROM:<somebody@sender.example>\n";
    for (auto _ : state) {
        log.post(line);
        log.flush();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(log_directory);

/// All of it: both logs with the shared ledger, a write for each operation.
void qmail_sink(benchmark::State& state) {
    const Folder folder;
    qmail_log::QmailSettings settings;
    settings.directory = folder.path() + '/';
    settings.ledger_path = folder.path() + "/qmail_send.mdb";
    settings.size = 1U << 20U;
    qmail_log::QmailSink sink(settings);
    auto events = a_message();
    for (Event& event : events) event.process.pid = static_cast<std::uint64_t>(::getpid());
    for (auto _ : state) {
        for (const Event& event : events) {
            sink.post({&event, 1}, {});
            sink.flush();
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
    state.SetLabel("items are messages");
}
BENCHMARK(qmail_sink);

}  // namespace

BENCHMARK_MAIN();
