// What a line of the transaction log costs: rendering alone, one core, no file.
//
//     log_bench --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include "log/diagnostic.h"
#include "log/render.h"

namespace {

using namespace sluice;

log::Event enqueued() {
    log::Event event;
    event.kind = log::EventKind::enqueued;
    event.time = system_clock().wall_now();
    event.node = "mail.example.com";
    event.process = {0x1e488, 3, 1017};
    event.session = 81;
    event.source_channel = "tcp_local";
    event.destination_channel = "l";
    event.bytes = 4711;
    event.sender = "service@siroe.com";
    event.original_recipient = "adam@sesta.com";
    event.recipient = "adam";
    event.intermediate_recipient = event.initial_recipient = "adam@sesta.com";
    event.file_name = "/opt/sluice/queue/l/007/ZZ01IWFY9ELGWM00094D.00";
    event.envelope_id = "01IWFY9ELGWM00094D@mail.example.com";
    event.message_id = "<01IWFVYLGTS499EC9Y@siroe.com>";
    event.username = "sluice";
    event.source.name = event.source.reverse_name = "siroe.com";
    event.source.address = IpAddress::parse("192.160.253.66");
    event.transport = log::Transport{
        {*IpAddress::parse("206.184.139.12"), 25}, {*IpAddress::parse("192.160.253.66"), 1244}};
    event.application = "SMTP";
    event.filter = "1:accept";
    return event;
}

log::Event relayed() {
    log::Event event = enqueued();
    event.kind = log::EventKind::dequeued;
    event.source_channel = "tcp_local";
    event.destination_channel.clear();
    event.recipient = "marlowe@siroe.com";
    event.remote_host = "thor.siroe.com";
    event.diagnostic =
        "dns;thor.siroe.com (TCP|206.184.139.12|2788|192.160.253.66|25) "
        "(THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]) "
        "smtp;250 2.1.5 marlowe@siroe.com and options OK.";
    return event;
}

log::LogOptions everything() {
    log::LogOptions options;
    options.connection = 255;
    options.intermediate = options.reason = options.remote_mta = 1;
    options.envelope_id = options.filename = options.filter = options.hold = options.local = true;
    options.message_id = options.modifiers = options.node = options.notary = true;
    options.priority = options.process = options.queue_time = options.sensitivity = true;
    options.session = options.timing = options.username = true;
    options.local_host = "mail.example.com";
    return options;
}

/// One thread: lines are rendered into a buffer as the programs do it, events of both kinds in
/// turn.
void lines(benchmark::State& state, log::LogOptions options) {
    options.format = static_cast<int>(state.range(0));
    const TimeZone zone = TimeZone::system();
    const log::Event events[] = {enqueued(), relayed()};
    std::string out;
    std::size_t octets = 0;
    std::size_t turn = 0;
    for (auto _ : state) {
        out.clear();
        log::render(out, events[turn++ % 2], options, zone);
        octets += out.size();
        benchmark::DoNotOptimize(out);
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(octets));
}

void default_fields(benchmark::State& state) {
    lines(state, {});
}
void all_fields(benchmark::State& state) {
    lines(state, everything());
}

BENCHMARK(default_fields)->DenseRange(1, 5);
BENCHMARK(all_fields)->DenseRange(1, 5);

}  // namespace

BENCHMARK_MAIN();
