// imsimta test -rewrite: the way of an address, as the server would decide it.
#include <algorithm>
#include <map>
#include <memory>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "dequeue/notice_sender.h"
#include "lookup/sources.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"
#include "policy/source_channel.h"
#include "utility/json_line.h"
#include "utility/qm_layout.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

using channel::Keyword;
constexpr std::string_view facility = "TEST";
constexpr std::size_t widest_flags = 70;

/// The circumstances that are the same for all addresses of a command.
struct Setting {
    config::ConfigurationPtr configuration;
    std::unique_ptr<lookup::Sources> sources;
    const channel::Channel* source = nullptr;
    access::Session session;
    std::string sender;  ///< as given
    policy::SenderDecision sender_decision;
    policy::Trace sender_trace;
    bool wants_trace = false;
};

/// Everything found out about one address.
struct Findings {
    std::string given;
    std::string name;     ///< phrase in front of "<address>"
    std::string address;  ///< without it
    std::string completed;
    rewrite::Outcome header_to;
    rewrite::Outcome header_from;
    rewrite::Outcome envelope_to;
    rewrite::Outcome envelope_from;
    policy::RecipientDecision decision;
    policy::Trace trace;

    [[nodiscard]] const policy::Refusal* refusal(const Setting& setting) const {
        if (setting.sender_decision.refusal) return &*setting.sender_decision.refusal;
        return decision.refusal ? &*decision.refusal : nullptr;
    }
};

// --- finding out ---

Findings look_at(const Setting& setting, const std::string& given) {
    const config::Configuration& configuration = *setting.configuration;
    Findings out;
    out.given = given;
    std::string_view address = trim(given);
    const std::size_t bracket = address.rfind('<');
    if (bracket != std::string_view::npos && address.ends_with('>')) {
        out.name = trim(address.substr(0, bracket));
        address = address.substr(bracket + 1, address.size() - bracket - 2);
    }
    out.address = address;
    lookup::BlockingAnswers outside(*setting.sources);
    using Kind = policy::AddressKind;
    const auto rewritten = [&](Kind kind) {
        const std::string full =
            policy::complete_address(configuration, *setting.source, kind, out.address, {});
        return policy::rewrite_address(configuration, *setting.source, kind, full, outside);
    };
    out.completed = policy::complete_address(
        configuration, *setting.source, Kind::envelope_to, out.address, {}
    );
    out.header_to = rewritten(Kind::header_forward);
    out.header_from = rewritten(Kind::header_backward);
    out.envelope_to = rewritten(Kind::envelope_to);
    out.envelope_from = rewritten(Kind::envelope_from);
    policy::RecipientProbe probe;
    probe.source = setting.source;
    probe.sender = setting.sender_decision.address;
    probe.address = out.address;
    probe.session = setting.session;
    probe.recipient_count = 1;
    probe.notify_failure = true;
    probe.notify_delay = true;
    out.decision = policy::decide_recipient(
        configuration, probe, outside, setting.wants_trace ? &out.trace : nullptr
    );
    return out;
}

// --- the channel's settings ---

std::string_view envelope_address_type(const channel::Channel& channel) {
    if (channel.has(Keyword::uucp)) return "UUCP";
    return channel.has(Keyword::k733) ? "PERCENTS" : "SOURCEROUTE";
}

std::string_view header_address_type(const channel::Channel& channel) {
    if (channel.has(Keyword::header_uucp)) return "UUCP";
    return channel.has(Keyword::header_733) ? "PERCENTS" : "SOURCEROUTE";
}

/// Keywords in force that have no argument, in upper case, a few to a line.
std::vector<std::string> flag_lines(const channel::Channel& channel) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < channel::keyword_count; ++i) {
        const auto keyword = static_cast<Keyword>(i);
        const channel::KeywordInfo& about = channel::info(keyword);
        if (about.form != channel::ArgumentForm::none || !channel.has(keyword)) continue;
        const std::string word = to_upper(about.name);
        if (lines.empty() || lines.back().size() + 1 + word.size() > widest_flags) {
            lines.push_back(word);
        } else {
            lines.back() += ' ' + word;
        }
    }
    if (lines.empty()) lines.emplace_back();
    return lines;
}

std::string joined(std::span<const std::string> words, std::string_view between = " ") {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : std::string(between)) + word;
    }
    return text;
}

std::string argument_of(const channel::Channel& channel, Keyword keyword) {
    return joined(channel.arguments(keyword));
}

std::string group_names(const channel::Channel& channel) {
    std::string text;
    for (const std::string_view group : channel.groups()) {
        text += (text.empty() ? "" : " ") + std::string(group);
    }
    return text;
}

/// "@a,@b:u@c" in the form of percent signs: "u%c%b@a".
std::string percent_form(const std::string& address) {
    const std::size_t colon = address.find(':');
    if (!address.starts_with('@') || colon == std::string::npos) return address;
    const auto split_at = policy::split_address(std::string_view(address).substr(colon + 1));
    auto hosts = split(std::string_view(address).substr(0, colon), ',');
    std::string out = std::string(split_at.local_part) + '%' + std::string(split_at.domain);
    for (std::size_t i = hosts.size(); i-- > 0;) {
        const auto host = hosts[i].starts_with('@') ? hosts[i].substr(1) : hosts[i];
        out += (i == 0 ? '@' : '%') + std::string(host);
    }
    return out;
}

// --- showing it ---

class Printer {
public:
    Printer(Console& console, const Setting& setting, const Findings& findings)
        : console_(console),
          setting_(setting),
          findings_(findings),
          channels_(setting.configuration->imta.channels) {}

    void print() {
        const channel::Channel* channel =
            findings_.envelope_to.ok() ? channels_.find(findings_.envelope_to.channel) : nullptr;
        print_channel(channel);
        print_addresses(channel);
        print_lists();
    }

private:
    void field(std::string_view label, std::string_view value) {
        console_.line(std::string(label) + " =" + (value.empty() ? "" : ' ' + printable(value)));
    }

    void print_channel(const channel::Channel* channel) {
        field("channel", channel != nullptr ? channel->name() : "");
        field("backward channel", findings_.envelope_from.channel);
        const auto text = [&](Keyword keyword) {
            return channel != nullptr ? argument_of(*channel, keyword) : std::string();
        };
        field("channel description", text(Keyword::description));
        const auto flags = channel != nullptr ? flag_lines(*channel) : std::vector<std::string>(1);
        for (std::size_t i = 0; i < flags.size(); ++i) {
            field("channel flags #" + std::to_string(i + 1), flags[i]);
        }
        field(
            "channel envelope address type",
            channel != nullptr ? envelope_address_type(*channel) : ""
        );
        field(
            "channel header address type", channel != nullptr ? header_address_type(*channel) : ""
        );
        field("channel official host ", channel != nullptr ? channel->official_host() : "");
        field("channel local alias   ", channel != nullptr ? channel->local_host_alias() : "");
        field("channel queue name    ", channel != nullptr ? channel->name() : "");
        field("channel after param   ", text(Keyword::after));
        field("channel daemon name   ", text(Keyword::daemon));
        field("channel user name     ", text(Keyword::user));
        std::string notices;
        if (channel != nullptr) {
            for (const auto age :
                 channel::notice_ages(*channel, channel::Priority::normal, channels_)) {
                notices += (notices.empty() ? "" : " ") + std::to_string(age);
            }
        }
        field("notices               ", notices);
        field("channel group ids     ", channel != nullptr ? group_names(*channel) : "");
    }

    static std::string text_of(const rewrite::Outcome& outcome) {
        if (outcome.ok()) return outcome.address;
        return "(" + outcome.failure->status.to_string() + ' ' + outcome.failure->text + ')';
    }

    void print_addresses(const channel::Channel* channel) {
        field("header To: address          ", text_of(findings_.header_to));
        field("header From: address        ", text_of(findings_.header_from));
        std::string envelope = text_of(findings_.envelope_to);
        if (channel != nullptr) {
            envelope += "   (route (" + findings_.envelope_to.routing_system + ',' +
                        channel->official_host() + "))";
        }
        field("envelope To: address        ", envelope);
        field("envelope From: address      ", text_of(findings_.envelope_from));
        field("name                        ", findings_.name);
        const std::string& active =
            findings_.envelope_to.ok() ? findings_.envelope_to.address : findings_.completed;
        field("mbox                        ", policy::split_address(active).local_part);
    }

    void print_lists() {
        console_.line("Extracted address action list:");
        console_.line("  " + printable(findings_.completed));
        console_.line("Extracted 733 address action list:");
        console_.line("  " + printable(percent_form(findings_.completed)));
        console_.line("Expanded address:");
        for (const auto& destination : findings_.decision.destinations) {
            const std::string& shown =
                destination.intermediate.empty() ? destination.address : destination.intermediate;
            console_.line("  " + printable(shown));
        }
        console_.line("Submitted address list:");
        if (const policy::Refusal* refusal = findings_.refusal(setting_)) {
            print_refusal(*refusal);
        } else {
            print_destinations();
        }
        console_.line("Submitted notifications list:");
    }

    /// "Address list error -- 5.7.1 Go away! User@sesta.com".
    void print_refusal(const policy::Refusal& refusal) {
        std::string text = refusal.text;
        std::string address = findings_.address;
        for (const std::string& named : {findings_.address, setting_.sender}) {
            if (named.empty() || !text.ends_with(": " + named)) continue;
            text.resize(text.size() - named.size() - 2);
            address = named;
            break;
        }
        console_.line(
            "Address list error -- " + refusal.status.to_string() + ' ' + printable(text) + ' ' +
            printable(address)
        );
    }

    void print_destinations() {
        std::map<std::string, std::vector<const policy::Destination*>> by_channel;
        for (const auto& one : findings_.decision.destinations) {
            by_channel[one.channel].push_back(&one);
        }
        for (const auto& [name, destinations] : by_channel) {
            console_.line("  " + name);
            const channel::Channel* channel = channels_.find(name);
            for (const policy::Destination* one : destinations) {
                std::string host = one->host;
                if (host.empty() && channel != nullptr) host = channel->official_host();
                std::string line = "    " + printable(one->address) + " (" + printable(host) +
                                   ") *NOTIFY FAILURES* *NOTIFY DELAYS*";
                if (!one->hold_reason.empty())
                    line += " *HELD " + printable(one->hold_reason) + '*';
                console_.line(line);
            }
        }
    }

    Console& console_;
    const Setting& setting_;
    const Findings& findings_;
    const channel::ChannelTable& channels_;
};

std::vector<std::string> trace_lines(const policy::Trace& trace) {
    std::vector<std::string> lines;
    for (const policy::TraceEntry& entry : trace) {
        const std::string text = entry.to_string();
        for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
    }
    return lines;
}

JsonLine outcome_json(const rewrite::Outcome& outcome) {
    JsonLine json;
    if (outcome.ok()) {
        json.add("address", outcome.address)
            .add("channel", outcome.channel)
            .add("host", outcome.host)
            .add("route", outcome.routing_system);
    } else {
        json.add("status", outcome.failure->status.to_string()).add("text", outcome.failure->text);
    }
    return json;
}

void print_json(Console& console, const Setting& setting, const Findings& findings) {
    JsonLine json;
    json.add("address", findings.given)
        .add("source_channel", setting.source->name())
        .add("sender", setting.sender_decision.address)
        .add("completed", findings.completed)
        .add("channel", findings.envelope_to.channel)
        .add("backward_channel", findings.envelope_from.channel);
    json.add("header_to", outcome_json(findings.header_to))
        .add("header_from", outcome_json(findings.header_from))
        .add("envelope_to", outcome_json(findings.envelope_to))
        .add("envelope_from", outcome_json(findings.envelope_from));
    const policy::Refusal* refusal = findings.refusal(setting);
    json.add("accepted", refusal == nullptr);
    if (refusal != nullptr) {
        JsonLine refused;
        refused.add("code", refusal->code)
            .add("status", refusal->status.to_string())
            .add("text", refusal->text);
        json.add("refusal", refused);
    }
    std::vector<JsonLine> destinations;
    for (const auto& one : findings.decision.destinations) {
        JsonLine item;
        item.add("address", one.address).add("channel", one.channel).add("host", one.host);
        if (!one.intermediate.empty()) item.add("intermediate", one.intermediate);
        if (!one.hold_reason.empty()) item.add("held", one.hold_reason);
        destinations.push_back(std::move(item));
    }
    json.add("destinations", destinations);
    if (setting.wants_trace) {
        auto lines = trace_lines(setting.sender_trace);
        const auto more = trace_lines(findings.trace);
        lines.insert(lines.end(), more.begin(), more.end());
        json.add("trace", lines);
    }
    console.line(json.to_string());
}

// --- the circumstances ---

/// Null where the switches name something that does not exist; that is said then.
const channel::Channel* source_channel(
    Invocation& invocation, const config::Configuration& configuration, Setting& setting
) {
    const CommandLine& line = invocation.line();
    const channel::ChannelTable& channels = configuration.imta.channels;
    const auto ip = line.value("ip");
    const channel::Channel* source = channels.local();
    if (ip && channels.find("tcp_local") != nullptr) source = channels.find("tcp_local");
    if (const auto name = line.value("source_channel")) {
        source = channels.find(*name);
        if (source == nullptr) {
            invocation.console().error(
                facility, "NOCHANNEL", "no channel " + std::string(*name) + " is configured"
            );
            return nullptr;
        }
    }
    if (!ip || source == nullptr) return source;
    const auto client = IpAddress::parse(*ip);
    if (!client) {
        invocation.console().error(facility, "VALUE", std::string(*ip) + " is not an IP address");
        return nullptr;
    }
    access::PortInfo port;
    port.server = {IpAddress::v4({127, 0, 0, 1}), 25};
    port.client = {*client, 0};
    setting.session.port = port;
    setting.session.app.protocol = access::AppInfo::Protocol::smtp;
    lookup::BlockingAnswers outside(*setting.sources);
    return &policy::choose_source_channel(
        configuration, *source, *client, {}, outside, &setting.sender_trace
    );
}

void decide_sender(Invocation& invocation, Setting& setting) {
    const CommandLine& line = invocation.line();
    if (const auto from = line.value("from")) {
        setting.sender = *from == "<>" ? "" : std::string(*from);
    } else if (!line.is_negated("from")) {
        setting.sender = dequeue::postmaster_of(*setting.configuration, *setting.source);
    }
    policy::SenderProbe probe;
    probe.source = setting.source;
    probe.address = setting.sender;
    probe.session = setting.session;
    lookup::BlockingAnswers outside(*setting.sources);
    setting.sender_decision =
        policy::decide_sender(*setting.configuration, probe, outside, &setting.sender_trace);
}

}  // namespace

ExitCode test_rewrite(Invocation& invocation) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    Setting setting;
    setting.wants_trace = line.has("debug") || line.has("explain");
    setting.configuration = load_test_configuration(invocation);
    if (!setting.configuration) return ExitCode::configuration;
    setting.sources = std::make_unique<lookup::Sources>(setting.configuration);
    setting.source = source_channel(invocation, *setting.configuration, setting);
    if (setting.source == nullptr) return ExitCode::not_found;
    decide_sender(invocation, setting);
    if (setting.wants_trace && !line.has("json")) {
        for (const std::string& text : trace_lines(setting.sender_trace))
            console.line(printable(text));
    }
    return for_each_input(invocation, "Address: ", [&](const std::string& address) {
        const Findings findings = look_at(setting, address);
        if (line.has("json")) {
            print_json(console, setting, findings);
        } else {
            if (setting.wants_trace) {
                for (const std::string& text : trace_lines(findings.trace)) {
                    console.line(printable(text));
                }
            }
            Printer(console, setting, findings).print();
        }
        return findings.refusal(setting) == nullptr ? ExitCode::done : ExitCode::failed;
    });
}

}  // namespace sluice::utility
