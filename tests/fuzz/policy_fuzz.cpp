// A whole site and an address: whatever imta.cnf, mappings and aliases say, deciding about an
// address ends within the limits, gives the same again, and can be repeated from its explanation.
//
// The parts of the input are separated by lines "----": imta.cnf, mappings, aliases, recipients
// (one a line). What is missing is empty.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "channel/keyword.h"
#include "config/configuration.h"
#include "mapping/limits.h"
#include "policy/recipient.h"
#include "policy/source_channel.h"
#include "support/any_answers.h"
#include "support/decision_text.h"

namespace {

using namespace sluice;

constexpr std::size_t part_count = 4;
constexpr std::size_t most_recipients = 4;

std::array<std::string, part_count> parts_of(std::string_view bytes) {
    constexpr std::string_view separator = "----\n";
    std::array<std::string, part_count> parts;
    for (auto& part : parts) {
        const auto end = bytes.find(separator);
        part = bytes.substr(0, end);
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + separator.size());
    }
    return parts;
}

void require(bool condition) {
    if (!condition) std::abort();
}

void check_limits(const policy::Trace& trace) {
    for (const policy::TraceEntry& entry : trace) {
        std::size_t passes = 0;
        for (const rewrite::TraceStep& step : entry.rewrite_steps) {
            if (step.event == rewrite::TraceEvent::address) ++passes;
        }
        require(passes <= rewrite::Ceilings::passes);
        require(entry.mapping_steps.size() <= 2 * mapping::limits::trace_steps);
        for (const mapping::TraceStep& step : entry.mapping_steps) {
            require(step.output.size() <= mapping::limits::output);
        }
    }
}

/// Decides plainly, with a trace, and again from that trace.
template <class Probe, class Decision>
Decision decide_thrice(
    const config::Configuration& site,
    const Probe& probe,
    Decision (*decide
    )(const config::Configuration&, const Probe&, mapping::Answers&, policy::Trace*)
) {
    test::AnyAnswers answers;
    const Decision plain = decide(site, probe, answers, nullptr);
    policy::Trace trace;
    const Decision traced = decide(site, probe, answers, &trace);
    require(test::text_of(plain) == test::text_of(traced));
    check_limits(trace);
    // Says of itself that it cannot be repeated: too many answers.
    if (trace.back().text.ends_with("not all kept")) return plain;
    mapping::ReplayedAnswers recorded(trace.back().look_ups);
    policy::Trace again;
    const Decision replayed = decide(site, probe, recorded, &again);
    require(test::text_of(replayed) == test::text_of(traced) && recorded.exhausted());
    require(test::text_of(again) == test::text_of(trace));
    return plain;
}

void decide_all(const config::Configuration& site, std::string_view recipients) {
    test::AnyAnswers answers;
    policy::Trace trace;
    const channel::Channel* source = site.imta.channels.find("tcp_local");
    if (source == nullptr) source = site.imta.channels.local();
    source = &policy::choose_source_channel(
        site, *source, *IpAddress::parse("192.0.2.7"), "client.example", answers, &trace
    );
    check_limits(trace);
    policy::SenderProbe sender;
    sender.source = source;
    sender.address = "sender@" + std::string(recipients.substr(0, recipients.find('\n')));
    const auto from = decide_thrice(site, sender, &policy::decide_sender);
    std::size_t count = 0;
    for (const std::string_view address : split(recipients, '\n')) {
        if (++count > most_recipients) break;
        policy::RecipientProbe probe;
        probe.source = source;
        probe.sender = from.address;
        probe.address = address;
        probe.recipient_count = count;
        decide_thrice(site, probe, &policy::decide_recipient);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parts = parts_of({reinterpret_cast<const char*>(data), size});
    config::MemoryFiles files(std::map<std::string, std::string>{
        {"/s/imta.cnf", parts[0]}, {"/s/mappings", parts[1]}, {"/s/aliases", parts[2]}});
    Diagnostics diagnostics;
    const auto site = config::load_for_trial(
        "", {"/s/imta.cnf", "/s/mappings", "", "/s/aliases"}, files, diagnostics
    );
    if (site && site->imta.channels.local() != nullptr) decide_all(*site, parts[3]);
    return 0;
}
