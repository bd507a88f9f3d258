// What counting costs: the events of one message with so many recipients, by so many threads at
// once.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "counters/recorder.h"
#include "counters/segment.h"

namespace {

using namespace sluice;

std::string scratch_file() {
    static const std::string directory = [] {
        std::string pattern = std::filesystem::temp_directory_path() / "sluice-bench-XXXXXX";
        return std::string(::mkdtemp(pattern.data())) + '/';
    }();
    return counters::segment_path(directory);
}

std::vector<log::Event> delivery(std::size_t recipients) {
    log::Event event;
    event.kind = log::EventKind::dequeued;
    event.source_channel = "tcp_local";
    event.file_name = "/var/spool/sluice/queue/tcp_local/000/ZZ84PHKX1L3Q0A0001.00";
    event.recipient = "eve@siroe.example";
    event.bytes = 4096;
    return std::vector<log::Event>(recipients, event);
}

void count_events(benchmark::State& state) {
    static counters::Recorder recorder(scratch_file(), counters::default_channels);
    const auto events = delivery(static_cast<std::size_t>(state.range(0)));
    const log::LogOptions options;
    for (auto _ : state) recorder.post(events, options);
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(count_events)->Arg(1)->Arg(100)->Threads(1)->Threads(2)->Threads(4);

void read_segment(benchmark::State& state) {
    const auto segment = counters::Segment::open(scratch_file());
    for (int i = 0; i < 30; ++i) (void)(*segment)->place_of("tcp_" + std::to_string(i));
    for (auto _ : state) benchmark::DoNotOptimize((*segment)->read());
}
BENCHMARK(read_segment);

}  // namespace

BENCHMARK_MAIN();
