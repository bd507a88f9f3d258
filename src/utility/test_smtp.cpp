// imsimta test -smtp: a dialogue with a server that opens no socket and queues nothing.
#include <algorithm>

#include "base/bytes.h"
#include "base/version.h"
#include "channel/channel_settings.h"
#include "policy/source_channel.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"
#include "utility/explain_json.h"
#include "utility/explain_text.h"
#include "utility/test_faces.h"
#include "utility/test_rewrite.h"

namespace sluice::utility {

namespace {

using namespace smtp::server_action;
using channel::Demand;

constexpr std::string_view facility = "TEST";

smtp::Reply reply_of(const policy::Refusal& refusal) {
    return {refusal.code, refusal.status, refusal.text};
}

/// What of the channel the protocol core looks at. Limits of the channel option file are left out.
std::shared_ptr<const smtp::ServerSettings> server_settings(const RewriteSetting& setting) {
    const channel::Channel& source = *setting.source;
    auto made = std::make_shared<smtp::ServerSettings>();
    made->host = setting.configuration->local_host();
    made->version = product_version_number;
    made->lmtp = setting.session.app.protocol == access::AppInfo::Protocol::lmtp;
    made->ehlo = !source.has(channel::Keyword::refuseehlo);
    made->eight_bit_mime = !source.has(channel::Keyword::sevenbit);
    made->starttls = channel::tls_server(source) != Demand::none;
    made->tls_required = channel::tls_server(source) == Demand::must;
    return made;
}

/// One command of the client, what the server says, and why.
struct Exchange {
    std::string command;
    std::string replies;  ///< lines with CRLF
    policy::Trace trace;
    std::vector<policy::Destination> destinations;
};

/// A session, line by line. The server is the protocol core and the policy of the product; between
/// them stands this in the place of the network server.
class Replay {
public:
    explicit Replay(RewriteSetting& setting)
        : setting_(setting), outside_(setting), session_(server_settings(setting)) {
        if (setting.session.tls) session_.begin_in_tls();
        session_.set_tls_available(true);
        session_.greet();
    }

    [[nodiscard]] std::string greeting() { return session_.take_output(); }
    [[nodiscard]] bool is_over() const { return session_.finished(); }
    [[nodiscard]] std::size_t messages() const { return messages_; }

    Exchange take(const std::string& line) {
        Exchange exchange;
        exchange.command = line;
        const std::string octets = line + "\r\n";
        std::string_view input = octets;
        exchange_ = &exchange;
        bool more = true;
        while (more && !session_.finished()) {
            auto action = session_.feed(input);
            more = !std::holds_alternative<NeedInput>(action) &&
                   !std::holds_alternative<Close>(action);
            std::visit([this](auto& each) { obey(each); }, action);
            exchange.replies += session_.take_output();
        }
        exchange_ = nullptr;
        return exchange;
    }

private:
    /// What needs no answer, and what cannot come: nothing is offered that leads to it.
    template <class Action>
    void obey(Action& /*action*/) {}

    void obey(AskMail& ask) {
        transaction_ = {};
        const Demand log_in = channel::sasl_server(*setting_.source);
        if (log_in == Demand::must && !setting_.session.authenticated)
            return session_.answer(smtp::replies::auth_required());
        policy::SenderProbe probe;
        probe.source = setting_.source;
        probe.address = ask.command.path;
        probe.client_name = setting_.client_name;
        probe.session = session();
        probe.authenticated_from = setting_.authenticated_from;
        const auto decision =
            policy::decide_sender(*setting_.configuration, probe, outside_, &exchange_->trace);
        if (decision.refusal) return session_.answer(reply_of(*decision.refusal));
        transaction_.sender = decision.address;
        transaction_.size = ask.command.size;
        session_.answer(smtp::replies::mail_accepted(ask.command.has_options));
    }

    void obey(AskRecipient& ask) {
        policy::RecipientProbe probe;
        probe.source = setting_.source;
        probe.sender = transaction_.sender;
        probe.address = ask.command.path;
        probe.orcpt = ask.command.orcpt;
        probe.client_name = setting_.client_name;
        probe.session = session();
        probe.authenticated_from = setting_.authenticated_from;
        probe.recipient_count = ++transaction_.recipients;
        probe.total_recipient_count = transaction_.destinations.size();
        probe.notify_success = ask.command.notify.success;
        probe.notify_delay = ask.command.notify.delay;
        probe.notify_failure = ask.command.notify.failure;
        probe.message_size = transaction_.size;
        auto decision =
            policy::decide_recipient(*setting_.configuration, probe, outside_, &exchange_->trace);
        if (decision.refusal) return session_.answer(reply_of(*decision.refusal));
        exchange_->destinations = decision.destinations;
        for (policy::Destination& each : decision.destinations)
            transaction_.destinations.push_back(std::move(each));
        session_.answer(smtp::replies::recipient_accepted(ask.command.path, ask.command.has_options)
        );
    }

    void obey(AskVerify& /*ask*/) {
        session_.answer({252, {2, 0, 0}, "not looked at here: see imsimta test -rewrite"});
    }
    void obey(AskExpand& /*ask*/) {
        session_.answer({252, {2, 0, 0}, "not looked at here: see imsimta test -rewrite"});
    }
    void obey(AskEtrn& /*ask*/) { session_.answer({252, {2, 0, 0}, "no queue is run by a test"}); }
    void obey(AskPrivate& ask) { session_.answer(smtp::replies::disabled(ask.verb)); }
    void obey(BeginData& /*begin*/) { session_.answer(smtp::replies::enter_mail()); }

    void obey(EndData& end) {
        const auto& all = transaction_.destinations;
        const auto too_small = std::find_if(all.begin(), all.end(), [&](const auto& each) {
            return each.size_limit && *each.size_limit < end.octets;
        });
        if (too_small != all.end())
            return session_.answer(smtp::replies::message_too_big(*too_small->size_limit));
        ++messages_;
        exchange_->destinations = all;
        session_.answer({250, {2, 0, 0}, "it would be queued; this is a test"});
    }

    void obey(StartTls& /*start*/) {
        session_.tls_started();
        setting_.session.tls = true;
        setting_.source = &policy::switched_source_channel(
            *setting_.configuration, *setting_.source, policy::SwitchReason::tls, &exchange_->trace
        );
        session_.change_settings(server_settings(setting_));
    }

    [[nodiscard]] access::Session session() const {
        access::Session made = setting_.session;
        made.app.helo = session_.hello_name();
        made.extended = session_.is_esmtp();
        return made;
    }

    struct Transaction {
        std::string sender;
        std::optional<std::uint64_t> size;
        std::uint64_t recipients = 0;
        std::vector<policy::Destination> destinations;
    };

    RewriteSetting& setting_;
    TrialAnswers outside_;
    smtp::ServerSession session_;
    Transaction transaction_;
    Exchange* exchange_ = nullptr;  ///< while a line is taken
    std::size_t messages_ = 0;
};

/// The dialogue as a person reads it, or an object for each exchange.
class Transcript {
public:
    Transcript(Console& console, bool json) : console_(console), json_(json) {}

    void connection(const RewriteSetting& setting, const std::string& reply) {
        if (json_) {
            JsonLine json;
            json.add("source_channel", setting.source->name())
                .add("replies", reply_lines(reply))
                .add("explanation", json_of(setting.trace));
            return console_.line(json.to_string());
        }
        print_trace(setting.trace);
        console_.line("    source channel " + setting.source->name());
        print_reply(reply);
    }

    void exchange(const Exchange& exchange) {
        // Of the content nothing is said until it ends.
        if (exchange.replies.empty() && exchange.trace.empty()) return;
        if (json_) return print_json(exchange);
        // A terminal shows what was typed behind the prompt.
        const bool typed = console_.input() != nullptr && console_.input()->is_terminal();
        if (!typed) console_.line("C: " + printable(exchange.command));
        print_trace(exchange.trace);
        for (const policy::Destination& each : exchange.destinations)
            console_.line("    " + printable(destination_text(each)));
        print_reply(exchange.replies);
    }

private:
    static std::vector<std::string> reply_lines(std::string_view replies) {
        std::vector<std::string> lines;
        while (!replies.empty()) {
            const std::size_t end = std::min(replies.find("\r\n"), replies.size());
            lines.emplace_back(replies.substr(0, end));
            replies.remove_prefix(std::min(end + 2, replies.size()));
        }
        return lines;
    }
    static std::string destination_text(const policy::Destination& destination) {
        std::string text = "to " + destination.address + " on channel " + destination.channel;
        if (!destination.host.empty()) text += ", host " + destination.host;
        if (!destination.hold_reason.empty()) text += ", held: " + destination.hold_reason;
        if (destination.settled) text += ", reported: " + destination.settled->text;
        return text;
    }

    void print_trace(const policy::Trace& trace) {
        for (const std::string& line : explanation_of(trace)) console_.line("    " + line);
    }
    void print_reply(std::string_view replies) {
        for (const std::string& line : reply_lines(replies)) console_.line("S: " + printable(line));
    }
    void print_json(const Exchange& exchange) {
        std::vector<JsonLine> destinations;
        for (const policy::Destination& each : exchange.destinations) {
            JsonLine& one = destinations.emplace_back();
            one.add("address", each.address).add("channel", each.channel).add("host", each.host);
            if (!each.hold_reason.empty()) one.add("held", each.hold_reason);
            if (each.settled) one.add("settled", each.settled->status.to_string());
        }
        JsonLine json;
        json.add("command", exchange.command).add("replies", reply_lines(exchange.replies));
        if (!destinations.empty()) json.add("destinations", destinations);
        json.add("explanation", json_of(exchange.trace));
        console_.line(json.to_string());
    }

    Console& console_;
    bool json_;
};

std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\r\n";
    return text;
}

}  // namespace

ExitCode test_smtp(Invocation& invocation) {
    Console& console = invocation.console();
    if (!invocation.line().parameters().empty()) {
        console.error(facility, "CONFLICT", "-smtp takes the lines of a client, no parameters");
        return ExitCode::usage;
    }
    RewriteSetting setting;
    setting.configuration = load_test_configuration(invocation);
    if (!setting.configuration) return ExitCode::configuration;
    setting.sources = std::make_unique<lookup::Sources>(setting.configuration);
    if (const auto wrong = read_client(invocation, setting)) return *wrong;
    Transcript transcript(console, invocation.line().has("json"));
    if (setting.refuses_connection()) {
        transcript.connection(setting, text_of(setting.port->reply.lines));
        return ExitCode::failed;
    }
    Replay replay(setting);
    transcript.connection(setting, replay.greeting());
    while (!replay.is_over()) {
        const auto line = console.read_line("C: ");
        if (!line) break;
        transcript.exchange(replay.take(*line));
    }
    return replay.messages() > 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace sluice::utility
