// What rules cost: routing an address, probing a table, deciding about a recipient, loading a
// configuration. Figures and goals are in docs/performance.md, section Rules.
//
//     rules_bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "config/configuration.h"
#include "mapping/engine.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"

namespace {

using namespace sluice;
using Texts = std::map<std::string, std::string>;

[[noreturn]] void give_up(const Diagnostics& diagnostics) {
    for (const Diagnostic& found : diagnostics.items()) {
        std::fputs((found.to_string() + '\n').c_str(), stderr);
    }
    std::abort();
}

config::ConfigurationPtr load(const std::string& rules, const std::string& entries) {
    const std::string channels =
        "\nl\nmail.example.com\n\ntcp_local smtp\ntcp_local-daemon\n\ntcp_other smtp\n"
        "tcp_other-daemon\n";
    config::MemoryFiles files(Texts{{"/c/imta.cnf", rules + channels}, {"/c/mappings", entries}});
    Diagnostics diagnostics;
    auto loaded =
        config::load_for_trial("", {"/c/imta.cnf", "/c/mappings", "", ""}, files, diagnostics);
    if (!loaded) give_up(diagnostics);
    return loaded;
}

std::string host(std::int64_t i) {
    return "host" + std::to_string(i) + ".customer.example";
}

std::string rules(std::int64_t count) {
    std::string text;
    for (std::int64_t i = 0; i + 1 < count; ++i) text += host(i) + " $U%$D@tcp_other-daemon\n";
    return text + ". $U%$H@tcp_local-daemon\n";
}

// Entries that begin alike, as long as the one that matters is the last.
std::string prefixed_entries(std::int64_t count) {
    std::string text = "SEND_ACCESS\n\n";
    for (std::int64_t i = 0; i < count; ++i) {
        text += "  tcp_local|user" + std::to_string(i) + "@example.net|*  $NNo\n";
    }
    return text;
}

// Entries whose literal text stands behind wildcards.
std::string wildcard_entries(std::int64_t count) {
    std::string text = "SEND_ACCESS\n\n";
    for (std::int64_t i = 0; i < count; ++i) {
        text += "  tcp_local|*|tcp_local|*@" + host(i) + "  $NNo\n";
    }
    return text;
}

void route(benchmark::State& state, const std::string& address) {
    const auto site = load(rules(state.range(0)), "");
    const channel::Channel& source = *site->imta.channels.find("tcp_local");
    mapping::NoAnswers nothing;
    for (auto _ : state) {
        auto outcome = policy::rewrite_address(
            *site, source, policy::AddressKind::envelope_to, address, nothing
        );
        benchmark::DoNotOptimize(outcome);
    }
}

// By the last rule of its own host.
void route_by_host(benchmark::State& state) {
    route(state, "amy@" + host(state.range(0) - 2));
}
BENCHMARK(route_by_host)->Arg(10)->Arg(10'000);

// By the rule for everything else, after all patterns of the host were looked for in vain.
void route_by_default(benchmark::State& state) {
    route(state, "amy@mail.somewhere.else.test");
}
BENCHMARK(route_by_default)->Arg(10)->Arg(10'000);

void probe(benchmark::State& state, const std::string& entries, const std::string& input) {
    const auto site = load(rules(2), entries);
    mapping::NoAnswers nothing;
    for (auto _ : state) {
        auto outcome = mapping::probe(site->mappings, "SEND_ACCESS", input, {}, nothing);
        if (!outcome.matched) std::abort();
        benchmark::DoNotOptimize(outcome);
    }
}

void probe_last_prefixed(benchmark::State& state) {
    const std::string user = "user" + std::to_string(state.range(0) - 1);
    probe(
        state, prefixed_entries(state.range(0)),
        "tcp_local|" + user + "@example.net|tcp_local|bob@example.org"
    );
}
BENCHMARK(probe_last_prefixed)->Arg(10)->Arg(10'000);

void probe_last_behind_wildcards(benchmark::State& state) {
    probe(
        state, wildcard_entries(state.range(0)),
        "tcp_local|amy@example.net|tcp_local|bob@" + host(state.range(0) - 1)
    );
}
BENCHMARK(probe_last_behind_wildcards)->Arg(10)->Arg(10'000);

/// The shipped configuration, and entries for all four recipient tables.
config::ConfigurationPtr shipped() {
    Texts texts;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/config")) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        texts["/s/config/" + entry.path().filename().string()] =
            std::string(std::istreambuf_iterator<char>(file), {});
    }
    texts["/s/config/imta_tailor"] = "IMTA_ROOT=/s/\n";
    texts["/s/config/local_users"] = "adam\n";
    for (const char* table : {"ORIG_MAIL_ACCESS", "SEND_ACCESS", "MAIL_ACCESS"}) {
        std::string& mappings = texts["/s/config/mappings"];
        if (mappings.find(std::string("\n") + table) != std::string::npos) continue;
        mappings += std::string("\n") + table + "\n\n  *|spammer@*|*  $NNo\n  *|*|hold|*  $NNo\n";
    }
    config::MemoryFiles files(std::move(texts));
    Diagnostics diagnostics;
    auto site = config::load_configuration("/s/config/imta_tailor", files, diagnostics);
    if (!site) give_up(diagnostics);
    return site;
}

void decide(benchmark::State& state, const char* source, const std::string& address, bool traced) {
    const auto site = shipped();
    policy::RecipientProbe probe;
    probe.source = site->imta.channels.find(source);
    probe.sender = "harold@varrius.com";
    probe.address = address;
    access::PortInfo port;
    port.server = {IpAddress::v4({127, 0, 0, 1}), 25};
    port.client = {IpAddress::v4({192, 0, 2, 7}), 40000};
    probe.session.port = port;
    probe.session.app.protocol = access::AppInfo::Protocol::smtp;
    probe.session.app.helo = "client.varrius.com";
    mapping::NoAnswers nothing;
    for (auto _ : state) {
        policy::Trace trace;
        auto decision = policy::decide_recipient(*site, probe, nothing, traced ? &trace : nullptr);
        benchmark::DoNotOptimize(decision);
    }
}

void rcpt_local(benchmark::State& state) {
    decide(state, "tcp_local", "adam@example.com", false);
}
BENCHMARK(rcpt_local);
void rcpt_relayed(benchmark::State& state) {
    decide(state, "tcp_intranet", "alan@very.bogus.com", false);
}
BENCHMARK(rcpt_relayed);
void rcpt_refused(benchmark::State& state) {
    decide(state, "tcp_local", "alan@very.bogus.com", false);
}
BENCHMARK(rcpt_refused);
void rcpt_local_explained(benchmark::State& state) {
    decide(state, "tcp_local", "adam@example.com", true);
}
BENCHMARK(rcpt_local_explained);

void load_large(benchmark::State& state) {
    const std::string rule_text = rules(10'000);
    const std::string entries = prefixed_entries(10'000);
    for (auto _ : state) {
        const std::size_t before = mallinfo2().uordblks;
        const auto site = load(rule_text, entries);
        state.counters["bytes"] = static_cast<double>(mallinfo2().uordblks - before);
    }
}
BENCHMARK(load_large)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
