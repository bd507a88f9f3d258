// L014: whether strangers can send to strangers. The policy that serves mail is asked, with the
// facts of a connection from outside.
#include <algorithm>
#include <map>
#include <set>

#include "access/access.h"
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "channel/honoured_keywords.h"
#include "lint/lint.h"
#include "lint/relay_attempts.h"
#include "policy/recipient.h"
#include "policy/source_channel.h"

namespace sluice::lint {

using channel::Channel;

namespace {

/// Documentation addresses (RFC 5737, RFC 3849, RFC 9637): a client of this kind is nobody's own.
constexpr std::string_view outside_v4[] = {"203.0.113.77", "198.51.100.77", "192.0.2.77"};
constexpr std::string_view outside_v6[] = {"3fff:77::77", "2001:db8:77::77"};
constexpr std::string_view client_name = "client.example.net";

struct Client {
    IpAddress address;
    std::string name;  ///< by reverse DNS; may be empty
};

bool is_claimed(const config::Configuration& configuration, std::string_view address) {
    mapping::NoAnswers outside;
    const auto outcome =
        mapping::probe(configuration.mappings, "INTERNAL_IP", address, {}, outside);
    return outcome.matched && outcome.flags.has('Y');
}

/// The first address that is not one of the site's own. Where all are, the table takes in everybody
/// and the first will do.
template <std::size_t n>
IpAddress stranger(
    const config::Configuration& configuration, const std::string_view (&addresses)[n]
) {
    const auto* found =
        std::find_if(std::begin(addresses), std::end(addresses), [&](std::string_view one) {
            return !is_claimed(configuration, one);
        });
    return *IpAddress::parse(found == std::end(addresses) ? addresses[0] : *found);
}

/// A message that was let through.
struct Leak {
    RelayAttempt attempt;
    Client client;
    std::string sender;
    policy::Destination destination;
    const Channel* source = nullptr;
};

class RelayCheck {
public:
    RelayCheck(const config::Configuration& configuration, Findings& findings)
        : configuration_(configuration),
          findings_(findings),
          attempts_(relay_attempts(configuration)),
          senders_(claimed_senders(configuration)) {}

    void check(const config::DispatcherService& service) {
        const Channel* first = configuration_.imta.channels.find(config::channel_of(service));
        if (first == nullptr || !(channel::is_smtp(*first) || channel::is_lmtp(*first))) return;
        for (const IpAddress& address :
             {stranger(configuration_, outside_v4), stranger(configuration_, outside_v6)}) {
            for (const std::string_view name : {std::string_view(), client_name})
                check(service, *first, {address, std::string(name)});
        }
    }

private:
    void check(
        const config::DispatcherService& service, const Channel& first, const Client& client
    ) {
        access::Session session;
        session.port = access::PortInfo{endpoint_of(service, client), {client.address, 40000}};
        using Protocol = access::AppInfo::Protocol;
        session.app.protocol = channel::is_lmtp(first) ? Protocol::lmtp : Protocol::smtp;
        session.app.helo = client_name;
        session.extended = true;
        mapping::NoAnswers outside;
        const access::Options options = policy::access_options(configuration_);
        const access::Context context{configuration_.mappings, options, outside, nullptr};
        for (const auto phase : {access::PortPhase::accept, access::PortPhase::session_start}) {
            if (access::check_port(context, *session.port, phase).refused()) return;
        }
        const Channel& source = policy::choose_source_channel(
            configuration_, first, client.address, client.name, outside
        );
        // The same channel decides the same, whatever the service.
        if (!seen_.emplace(&source, client.address.is_v4(), client.name.empty()).second) return;
        const bool demands_login = channel::sasl_server(source) == channel::Demand::must &&
                                   channel::is_honoured(channel::Keyword::mustsaslserver);
        if (!demands_login) try_all(session, source, client);
    }

    static Endpoint endpoint_of(const config::DispatcherService& service, const Client& client) {
        const config::ListenAddress& listen = service.listen.front();
        if (listen.address && listen.address->is_v4() == client.address.is_v4())
            return {*listen.address, listen.port};
        const auto own = IpAddress::parse(client.address.is_v4() ? "192.0.2.25" : "2001:db8::25");
        return {*own, listen.port};
    }

    void try_all(const access::Session& session, const Channel& source, const Client& client) {
        std::vector<Leak> leaks;
        for (const std::string& sender : senders_) {
            policy::SenderProbe from;
            from.source = &source;
            from.address = sender;
            from.client_name = client.name;
            from.session = session;
            mapping::NoAnswers outside;
            const auto accepted = policy::decide_sender(configuration_, from, outside);
            if (accepted.refusal) continue;
            policy::RecipientProbe to;
            to.source = &source;
            to.sender = accepted.address;
            to.client_name = client.name;
            to.session = session;
            to.recipient_count = 1;
            for (const RelayAttempt& attempt : attempts_) {
                to.address = attempt.recipient;
                const auto decision = policy::decide_recipient(configuration_, to, outside);
                if (decision.refusal) continue;
                for (const policy::Destination& destination : decision.destinations) {
                    if (leads_outside(destination, attempt))
                        leaks.push_back({attempt, client, sender, destination, &source});
                }
            }
        }
        if (!leaks.empty()) report(session, leaks);
    }

    /// Whether the copy goes, without anybody's doing, to the host it must not reach. A mailbox
    /// here may have any name; what is held waits for the operator.
    [[nodiscard]] bool leads_outside(
        const policy::Destination& destination, const RelayAttempt& attempt
    ) const {
        const Channel* channel = configuration_.imta.channels.find(destination.channel);
        if (channel == nullptr || channel == configuration_.imta.channels.local()) return false;
        if (!destination.hold_reason.empty() ||
            starts_with_ignoring_case(channel->name(), "bitbucket") ||
            starts_with_ignoring_case(channel->name(), "hold") || !channel::has_master(*channel)) {
            return false;
        }
        return to_lower(destination.address).find(to_lower(attempt.victim)) != std::string::npos;
    }

    void report(const access::Session& session, const std::vector<Leak>& leaks) {
        const Leak& first = leaks.front();
        std::set<std::string> forms;
        for (const Leak& leak : leaks) forms.insert(leak.attempt.form);
        std::string text = "anybody can send to anybody through this system, without a password";
        if (forms.size() > 1)
            text += ": " + std::to_string(forms.size()) + " forms of address are accepted";
        policy::Trace trace;
        const SourceLocation where = decided_by(session, first, trace);
        if (!reported_.emplace(where.to_string(), first.attempt.form).second) return;
        findings_.add(Code::open_relay, where, text, dialogue(first, forms, trace));
    }

    /// The entry or rule that let it through; the channel where none did.
    SourceLocation decided_by(
        const access::Session& session, const Leak& leak, policy::Trace& trace
    ) {
        mapping::NoAnswers outside;
        policy::SenderProbe from;
        from.source = leak.source;
        from.address = leak.sender;
        from.client_name = leak.client.name;
        from.session = session;
        policy::RecipientProbe to;
        to.source = leak.source;
        to.sender = policy::decide_sender(configuration_, from, outside).address;
        to.address = leak.attempt.recipient;
        to.client_name = leak.client.name;
        to.session = session;
        to.recipient_count = 1;
        const auto decision = policy::decide_recipient(configuration_, to, outside, &trace);
        if (decision.access.decided_by.file) return decision.access.decided_by;
        for (auto entry = trace.rbegin(); entry != trace.rend(); ++entry) {
            for (auto step = entry->rewrite_steps.rbegin(); step != entry->rewrite_steps.rend();
                 ++step) {
                if (step->event == rewrite::TraceEvent::rule_matched && step->rule.file)
                    return step->rule;
            }
        }
        return leak.source->where();
    }

    static std::string dialogue(
        const Leak& leak, const std::set<std::string>& forms, const policy::Trace& trace
    ) {
        std::string name = leak.client.name.empty() ? "no name" : leak.client.name;
        std::string text = "connection from " + leak.client.address.to_string() + " (" + name +
                           "), source channel " + leak.source->name() + '\n';
        text += "C: MAIL FROM:<" + leak.sender + ">\nS: 250\n";
        text += "C: RCPT TO:<" + leak.attempt.recipient + ">\nS: 250\n";
        text += "and it goes to " + leak.destination.address + " by channel " +
                leak.destination.channel + '\n';
        text += "accepted forms:";
        for (const std::string& form : forms) text += (text.back() == ':' ? " " : ", ") + form;
        text += "\nwhy:\n";
        for (const policy::TraceEntry& entry : trace) text += deciding_lines(entry);
        return text;
    }

    /// Of the trace, what decided; not everything that was tried on the way.
    static std::string deciding_lines(const policy::TraceEntry& entry) {
        std::string text = "  " + printable(entry.text) + '\n';
        for (const rewrite::TraceStep& step : entry.rewrite_steps) {
            if (step.event == rewrite::TraceEvent::rule_matched)
                text += "    " + step.to_debug_string() + '\n';
        }
        for (const mapping::TraceStep& step : entry.mapping_steps) {
            if (step.event == mapping::TraceStep::Event::succeeded)
                text += "    " + step.to_string() + '\n';
        }
        return text;
    }

    const config::Configuration& configuration_;
    Findings& findings_;
    std::vector<RelayAttempt> attempts_;
    std::vector<std::string> senders_;
    std::set<std::tuple<const Channel*, bool, bool>> seen_;
    std::set<std::pair<std::string, std::string>> reported_;
};

}  // namespace

void check_relaying(const config::Configuration& configuration, Findings& findings) {
    RelayCheck check(configuration, findings);
    for (const config::DispatcherService& service : configuration.dispatcher.services)
        check.check(service);
}

}  // namespace sluice::lint
