// imsimta block: the hosts that this site takes no mail from (call-out abuse,local_block).
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "callout/local_block.h"
#include "channel/period.h"
#include "lookup/meter_tables.h"
#include "meter/shared_backend.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

using meter::Record;

constexpr std::string_view facility = "BLOCK";
constexpr std::string_view usual_reason = "We do not accept mail from your host";

meter::SharedBackend backend_of(enqueue::Runtime& runtime) {
    return meter::SharedBackend(
        lookup::meter_settings(runtime.configuration()), runtime.store().clock()
    );
}

ExitCode failed(Console& console, const Error& error) {
    console.error(facility, "NOTUSABLE", error.detail());
    return ExitCode::failed;
}

/// nullopt: that was no address, which was told.
std::optional<IpAddress> host_of(Console& console, const std::string& word) {
    auto host = IpAddress::parse(word);
    if (!host) console.error(facility, "NOHOST", "no IP address: " + printable_text(word));
    return host;
}

ExitCode list(Invocation& invocation, QmSession&, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    auto backend = backend_of(runtime);
    const bool json = invocation.line().has("json");
    const WallTime now = runtime.store().clock().wall_now();
    const auto shown = backend.for_each(
        callout::local_block_table(),
        [&](std::string_view host, const Record& record) {
            if (record.due <= now) return;
            if (json) {
                JsonLine line;
                line.add("host", host).add("since", record.since).add("until", record.due);
                console.line(line.add("reason", record.value).to_string());
                return;
            }
            const TimeZone zone = TimeZone::system();
            console.line(
                qm_date(record.since, zone) + "  " + qm_date(record.due, zone) + "  " +
                printable_text(std::string(host)) + "  " + printable_text(record.value)
            );
        }
    );
    return shown ? ExitCode::done : failed(console, shown.error());
}

ExitCode add(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto& words = line.parameters();
    const auto host = host_of(console, words[0]);
    if (!host) return ExitCode::usage;
    auto duration = runtime.configuration().options.duration(config::OptionId::honeypot_ttl);
    if (const auto given = line.value("for")) {
        const auto period = channel::parse_period(*given);
        if (!period || period->count() <= 0) {
            console.error(facility, "VALUE", "-for takes a period such as p30d or pt1h");
            return ExitCode::usage;
        }
        duration = *period;
    }
    std::string reason;
    for (std::size_t i = 1; i < words.size(); ++i) reason += (i > 1 ? " " : "") + words[i];
    write_audit(invocation, session, runtime);
    auto backend = backend_of(runtime);
    const auto done = callout::block_host(
        backend, *host, reason.empty() ? usual_reason : std::string_view(reason), duration
    );
    if (!done) return failed(console, done.error());
    console.info(facility, "ADDED", host->to_string() + " is blocked");
    return ExitCode::done;
}

ExitCode remove(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const auto host = host_of(console, invocation.line().parameters()[0]);
    if (!host) return ExitCode::usage;
    write_audit(invocation, session, runtime);
    auto backend = backend_of(runtime);
    const auto was_there = callout::unblock_host(backend, *host);
    if (!was_there) return failed(console, was_there.error());
    if (!*was_there) {
        console.error(facility, "NOENTRY", host->to_string() + " is not blocked");
        return ExitCode::failed;
    }
    console.info(facility, "REMOVED", host->to_string() + " is no longer blocked");
    return ExitCode::done;
}

constexpr std::array list_switches = {
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr std::array add_switches = {
    Switch{
        "for", Switch::Value::required, "how long, an ISO 8601 period; HONEYPOT_TTL unless given"},
};

constexpr Command acts[] = {
    {.name = "add",
     .summary = "take no mail from a host",
     .parameters = "address [reason ...]",
     .switches = add_switches,
     .least_parameters = 1,
     .most_parameters = 100,
     .run = with_queue<add>},
    {.name = "list",
     .summary = "hosts that are blocked, since when, until when and why",
     .parameters = "",
     .switches = list_switches,
     .run = with_queue<list>},
    {.name = "remove",
     .summary = "take mail from a host again",
     .parameters = "address",
     .least_parameters = 1,
     .most_parameters = 1,
     .run = with_queue<remove>},
};

}  // namespace

const Command block_command = {
    .name = "block",
    .summary = "show and change the hosts that no mail is taken from",
    .switches = list_switches,
    .run = with_queue<list>,
    .subcommands = acts,
};

}  // namespace sluice::utility
