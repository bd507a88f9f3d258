#include "policy/source_channel.h"

#include "channel/keyword.h"
#include "policy/rewriting.h"

namespace sluice::policy {

using channel::Keyword;

namespace {

bool takes_switches(const channel::Channel& channel) {
    return channel.has(Keyword::allowswitchchannel) || channel.has(Keyword::switchchannel);
}

std::string literal_of(const IpAddress& address) {
    return (address.is_v4() ? "[" : "[IPv6:") + address.to_string() + "]";
}

/// Finds the channel of a connection by the client's address and name.
class Chooser {
public:
    Chooser(
        const config::Configuration& configuration,
        const channel::Channel& default_channel,
        mapping::Answers& outside,
        Trace* trace,
        std::set<std::string>* warnings
    )
        : configuration_(configuration),
          default_(default_channel),
          outside_(outside),
          trace_(trace),
          warnings_(warnings) {}

    const channel::Channel& choose(const IpAddress& client, std::string_view client_name) {
        if (!default_.has(Keyword::switchchannel)) {
            return settle(default_, "which has no switchchannel");
        }
        // The name counts only where the address says nothing: a host whose address belongs to a
        // channel that does not let it switch is not let in by what the DNS calls it.
        const channel::Channel* found = channel_of(literal_of(client));
        if ((found == nullptr || found == &default_) && !client_name.empty()) {
            found = channel_of(std::string(client_name));
        }
        if (found == nullptr || found == &default_) {
            return settle(default_, "the default: no other channel claims the client");
        }
        if (takes_switches(*found)) return settle(*found, "to which the client belongs");
        return settle(
            default_, "the default: channel " + found->name() +
                          ", to which the client belongs, has "
                          "neither allowswitchchannel nor switchchannel"
        );
    }

private:
    const channel::Channel* channel_of(const std::string& host) {
        const rewrite::Outcome outcome = rewrite_traced(
            configuration_, default_, AddressKind::envelope_from, "switch@" + host, outside_,
            {TraceEntry::Stage::source, "rewriting as a sender ", trace_, warnings_}
        );
        return outcome.ok() ? configuration_.imta.channels.find(outcome.channel) : nullptr;
    }

    const channel::Channel& settle(const channel::Channel& channel, const std::string& reason) {
        if (trace_ != nullptr) {
            const std::string text = "source channel " + channel.name() + ", " + reason;
            trace_->push_back({TraceEntry::Stage::source, text, {}, {}});
        }
        return channel;
    }

    const config::Configuration& configuration_;
    const channel::Channel& default_;
    mapping::Answers& outside_;
    Trace* trace_;
    std::set<std::string>* warnings_;
};

}  // namespace

const channel::Channel& choose_source_channel(
    const config::Configuration& configuration,
    const channel::Channel& default_channel,
    const IpAddress& client,
    std::string_view client_name,
    mapping::Answers& outside,
    Trace* trace,
    std::set<std::string>* warnings
) {
    return Chooser(configuration, default_channel, outside, trace, warnings)
        .choose(client, client_name);
}

const channel::Channel& switched_source_channel(
    const config::Configuration& configuration,
    const channel::Channel& source,
    SwitchReason reason,
    Trace* trace
) {
    const auto keyword =
        reason == SwitchReason::tls ? Keyword::tlsswitchchannel : Keyword::saslswitchchannel;
    const auto names = source.arguments(keyword);
    const std::string about(channel::info(keyword).name);
    const auto settle = [&](const channel::Channel& channel, const std::string& why) -> auto& {
        if (trace != nullptr) {
            const std::string text = "source channel " + channel.name() + ", " + why;
            trace->push_back({TraceEntry::Stage::source, text, {}, {}});
        }
        return channel;
    };
    if (names.empty()) return settle(source, "which has no " + about);
    const channel::Channel* target = configuration.imta.channels.find(names[0]);
    if (target == nullptr) return settle(source, "as no channel " + names[0] + " exists");
    if (takes_switches(*target)) return settle(*target, about + " of channel " + source.name());
    return settle(
        source, "as channel " + target->name() + " has neither allowswitchchannel nor switchchannel"
    );
}

}  // namespace sluice::policy
