// What `imsimta test -rewrite` prints: the labelled lines of the family, in their order.
#include <map>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "channel/keyword.h"
#include "utility/test_rewrite.h"

namespace sluice::utility {

namespace {

using channel::Keyword;
constexpr std::size_t widest_flags = 70;

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

class Printer {
public:
    Printer(Console& console, const RewriteSetting& setting, const RewriteFindings& findings)
        : console_(console),
          setting_(setting),
          findings_(findings),
          channels_(setting.configuration->imta.channels) {}

    void print() {
        const channel::Channel* channel =
            findings_.envelope_to.ok() ? channels_.find(findings_.envelope_to.channel) : nullptr;
        if (setting_.shows_channel) print_channel(channel);
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
        if (setting_.refuses_connection()) {
            console_.line("Address list error -- " + printable(setting_.reply()));
        } else if (const policy::Refusal* refusal = findings_.refusal(setting_)) {
            print_refusal(*refusal);
        } else {
            print_destinations();
            print_failed_members();
        }
        console_.line("Submitted notifications list:");
        for (const auto& one : findings_.decision.destinations) {
            if (!one.settled) continue;
            console_.line(
                "  " + printable(one.address) + " (" + printable(one.settled->text) + ')'
            );
        }
    }

    /// -check_expansions: members are errors, too.
    void print_failed_members() {
        if (!setting_.checks_expansions) return;
        for (const policy::FailedMember& member : findings_.decision.failed_members) {
            const std::string_view text = member.refusal.text;
            const std::string given = ": " + findings_.address;
            const std::string_view reason =
                text.ends_with(given) ? text.substr(0, text.size() - given.size()) : text;
            console_.line(
                "Address list error -- " + member.refusal.status.to_string() + ' ' +
                printable(reason) + ' ' + printable(member.address)
            );
        }
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
            if (!one.settled) by_channel[one.channel].push_back(&one);
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
    const RewriteSetting& setting_;
    const RewriteFindings& findings_;
    const channel::ChannelTable& channels_;
};

}  // namespace

void print_rewrite_report(
    Console& console, const RewriteSetting& setting, const RewriteFindings& findings
) {
    Printer(console, setting, findings).print();
}

}  // namespace sluice::utility
