// Examples of whole decisions: a client connects, names a sender and a recipient.
#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "cases/cases.h"
#include "cases/example_answers.h"
#include "policy/recipient.h"
#include "policy/source_channel.h"

namespace sluice::cases {

namespace {

/// "accept l,tcp_local" or the reply; and how it came about.
struct Answered {
    std::string text;
    policy::Trace trace;
};

struct Probe {
    const channel::Channel* first = nullptr;  ///< of the service
    IpAddress client;
    const Row& row;
};

Answered decide(const config::Configuration& site, const Probe& probe, ExampleAnswers& outside) {
    const std::string name = dash_is_empty(cell(probe.row, "client_name"));
    access::Session session;
    constexpr std::uint16_t smtp = 25;
    const auto server = IpAddress::parse(probe.client.is_v4() ? "192.0.2.25" : "2001:db8::25")
                            .value_or(probe.client);
    session.port = access::PortInfo{{server, smtp}, {probe.client, 40000}};
    session.app.protocol = access::AppInfo::Protocol::smtp;
    session.app.helo = name;
    session.extended = true;
    const std::string user = dash_is_empty(cell(probe.row, "user"));
    session.authenticated = !user.empty();
    const auto& source =
        policy::choose_source_channel(site, *probe.first, probe.client, name, outside);

    Answered answered;
    policy::SenderProbe from;
    from.source = &source;
    from.address = dash_is_empty(cell(probe.row, "sender"));
    from.client_name = name;
    from.session = session;
    from.authenticated_from = user;
    const auto sender = policy::decide_sender(site, from, outside, &answered.trace);
    if (sender.refusal) {
        answered.text = sender.refusal->to_string();
        return answered;
    }
    policy::RecipientProbe to;
    to.source = &source;
    to.sender = sender.address;
    to.address = cell(probe.row, "recipient");
    to.client_name = name;
    to.session = session;
    to.authenticated_from = user;
    to.recipient_count = 1;
    const auto recipient = policy::decide_recipient(site, to, outside, &answered.trace);
    if (recipient.refusal) {
        answered.text = recipient.refusal->to_string();
        return answered;
    }
    std::vector<std::string> channels;
    for (const policy::Destination& destination : recipient.destinations)
        channels.push_back(destination.channel);
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    answered.text = "accept";
    for (const std::string& channel : channels)
        answered.text += (&channel == &channels.front() ? " " : ",") + channel;
    return answered;
}

/// An example may stop after the code, or after the status: "550", "550 5.7.1".
bool is_beginning(std::string_view expected, std::string_view actual) {
    return !expected.empty() && actual.starts_with(expected) &&
           (actual.size() == expected.size() || actual[expected.size()] == ' ');
}

}  // namespace

Result<void> run_decisions(
    const std::string& path,
    const Table& table,
    const config::Configuration* site,
    const Report& report
) {
    if (site == nullptr) {
        return Error::permanent(
            {5, 3, 5}, "no configuration", path + ": these examples are about an instance's files"
        );
    }
    ExampleAnswers outside;
    outside.load(path.substr(0, path.size() - std::string_view(".tsv").size()));
    for (const Row& row : table.rows) {
        Outcome outcome;
        outcome.file = path;
        outcome.id = cell(row, "id");
        outcome.expected = cell(row, "expect");
        const std::string& named = cell(row, "channel");
        const std::string channel = named.empty() || named == "-" ? "tcp_local" : named;
        const auto client = IpAddress::parse(cell(row, "client"));
        const channel::Channel* first = site->imta.channels.find(channel);
        if (!client) {
            outcome.actual = "no address of a client: " + cell(row, "client");
        } else if (first == nullptr) {
            outcome.actual = "there is no channel " + channel;
        } else {
            Answered answered = decide(*site, {first, *client, row}, outside);
            outcome.actual =
                is_beginning(outcome.expected, answered.text) ? outcome.expected : answered.text;
            for (const policy::TraceEntry& entry : answered.trace)
                outcome.trace += entry.to_string() + '\n';
        }
        report(outcome);
    }
    return {};
}

}  // namespace sluice::cases
