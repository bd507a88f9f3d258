// imsimta test -rewrite: the way of an address, as the server would decide it.
#include "utility/test_rewrite.h"

#include "base/bytes.h"
#include "dequeue/notice_sender.h"
#include "lookup/sources.h"
#include "policy/source_channel.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

RewriteFindings look_at(const RewriteSetting& setting, const std::string& given) {
    const config::Configuration& configuration = *setting.configuration;
    RewriteFindings out;
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
    const auto completed = [&](Kind kind) {
        return policy::complete_address(
            configuration, *setting.source, kind, out.address, setting.client_name
        );
    };
    const auto rewritten = [&](Kind kind) {
        return policy::rewrite_address(
            configuration, *setting.source, kind, completed(kind), outside, nullptr,
            setting.destination
        );
    };
    out.completed = completed(Kind::envelope_to);
    out.header_to = rewritten(Kind::header_forward);
    out.header_from = rewritten(Kind::header_backward);
    out.envelope_to = rewritten(Kind::envelope_to);
    out.envelope_from = rewritten(Kind::envelope_from);
    policy::RecipientProbe probe;
    probe.source = setting.source;
    probe.sender = setting.sender_decision.address;
    probe.address = out.address;
    probe.orcpt = setting.orcpt;
    probe.client_name = setting.client_name;
    probe.session = setting.session;
    probe.authenticated_from = setting.authenticated_from;
    probe.recipient_count = 1;
    probe.notify_success = setting.notify_success;
    probe.notify_failure = true;
    probe.notify_delay = true;
    out.decision = policy::decide_recipient(
        configuration, probe, outside, setting.wants_trace ? &out.trace : nullptr
    );
    return out;
}

/// Reads the circumstances from the command line. Each function says what is wrong and gives the
/// exit code for it, or nullopt.
class Circumstances {
public:
    Circumstances(Invocation& invocation, RewriteSetting& setting)
        : line_(invocation.line()), console_(invocation.console()), setting_(setting) {}

    std::optional<ExitCode> read() {
        setting_.wants_trace = line_.has("debug") || line_.has("explain");
        setting_.shows_channel = !line_.is_negated("channel");
        setting_.notify_success = line_.has("delivery_receipt");
        setting_.client_name = text("client_name");
        if (!text("orcpt").empty()) setting_.orcpt = "rfc822;" + text("orcpt");
        if (text("orcpt").find(';') != std::string::npos) setting_.orcpt = text("orcpt");
        if (auto wrong = read_channels()) return wrong;
        read_session();
        if (auto wrong = read_connection()) return wrong;
        switch_channel();
        decide_sender();
        return std::nullopt;
    }

private:
    [[nodiscard]] std::string text(std::string_view name) const {
        return std::string(line_.value(name).value_or(""));
    }
    [[nodiscard]] const channel::ChannelTable& channels() const {
        return setting_.configuration->imta.channels;
    }
    policy::Trace* trace() { return setting_.wants_trace ? &setting_.trace : nullptr; }

    std::optional<ExitCode> find(std::string_view name, const channel::Channel*& channel) {
        const auto wanted = line_.value(name);
        if (!wanted) return std::nullopt;
        channel = channels().find(to_lower(*wanted));
        if (channel != nullptr) return std::nullopt;
        console_.error(
            facility, "NOCHANNEL", "no channel " + std::string(*wanted) + " is configured"
        );
        return ExitCode::not_found;
    }

    std::optional<ExitCode> read_channels() {
        setting_.source = channels().local();
        const bool has_client = line_.value("ip").has_value();
        if (has_client && channels().find("tcp_local") != nullptr) {
            setting_.source = channels().find("tcp_local");
        }
        if (auto wrong = find("source_channel", setting_.source)) return wrong;
        return find("destination_channel", setting_.destination);
    }

    void read_session() {
        access::Session& session = setting_.session;
        using Protocol = access::AppInfo::Protocol;
        const bool helo = line_.value("helo") || line_.value("ehlo");
        const bool smtp = line_.value("ip") || helo || line_.has("tls") || line_.value("auth");
        if (smtp) session.app.protocol = Protocol::smtp;
        if (line_.has("lmtp")) session.app.protocol = Protocol::lmtp;
        session.app.helo = line_.value("ehlo") ? text("ehlo") : text("helo");
        session.extended = line_.value("ehlo").has_value();
        session.tls = line_.has("tls");
        session.app.tls_info = text("tls");
        session.authenticated = line_.value("auth").has_value();
        setting_.authenticated_from = text("auth");
    }

    std::optional<ExitCode> bad_value(std::string_view name, std::string_view wanted) {
        console_.error(
            facility, "VALUE",
            "-" + std::string(name) + "=" + text(name) + " is no " + std::string(wanted)
        );
        return ExitCode::usage;
    }

    std::optional<ExitCode> read_connection() {
        const auto port = parse_unsigned(line_.value("port").value_or("25"));
        constexpr std::uint64_t highest_port = 65535;
        if (!port || *port == 0 || *port > highest_port) return bad_value("port", "port number");
        if (!line_.value("ip")) return std::nullopt;
        const auto client = IpAddress::parse(text("ip"));
        if (!client) return bad_value("ip", "IP address");
        access::PortInfo info;
        info.server = {IpAddress::v4({127, 0, 0, 1}), static_cast<std::uint16_t>(*port)};
        info.client = {*client, 0};
        setting_.session.port = info;
        check_port(info);
        lookup::BlockingAnswers outside(*setting_.sources);
        setting_.source = &policy::choose_source_channel(
            *setting_.configuration, *setting_.source, *client, setting_.client_name, outside,
            trace()
        );
        return std::nullopt;
    }

    // As the dispatcher and then the server ask.
    void check_port(const access::PortInfo& info) {
        lookup::BlockingAnswers outside(*setting_.sources);
        const access::Options options = policy::access_options(*setting_.configuration);
        for (const auto phase : {access::PortPhase::accept, access::PortPhase::session_start}) {
            mapping::Trace steps;
            const access::Context context{
                setting_.configuration->mappings, options, outside,
                setting_.wants_trace ? &steps : nullptr};
            setting_.port = access::check_port(context, info, phase);
            const std::string moment = phase == access::PortPhase::accept ? "dispatcher" : "server";
            const std::string what =
                "PORT_ACCESS, asked by the " + moment + ": " + setting_.port->to_debug_string();
            setting_.trace.push_back({policy::TraceEntry::Stage::access, what, {}, steps.steps()});
            if (setting_.port->refused()) return;
        }
    }

    void switch_channel() {
        const auto after = [this](policy::SwitchReason reason) {
            setting_.source = &policy::switched_source_channel(
                *setting_.configuration, *setting_.source, reason, trace()
            );
        };
        if (setting_.session.tls) after(policy::SwitchReason::tls);
        if (setting_.session.authenticated) after(policy::SwitchReason::authentication);
    }

    void decide_sender() {
        if (const auto from = line_.value("from")) {
            setting_.sender = *from == "<>" ? "" : std::string(*from);
        } else if (!line_.is_negated("from")) {
            setting_.sender = dequeue::postmaster_of(*setting_.configuration, *setting_.source);
        }
        policy::SenderProbe probe;
        probe.source = setting_.source;
        probe.address = setting_.sender;
        probe.client_name = setting_.client_name;
        probe.session = setting_.session;
        probe.authenticated_from = setting_.authenticated_from;
        lookup::BlockingAnswers outside(*setting_.sources);
        setting_.sender_decision =
            policy::decide_sender(*setting_.configuration, probe, outside, trace());
    }

    const CommandLine& line_;
    Console& console_;
    RewriteSetting& setting_;
};

}  // namespace

ExitCode test_rewrite(Invocation& invocation) {
    Console& console = invocation.console();
    const bool json = invocation.line().has("json");
    RewriteSetting setting;
    setting.configuration = load_test_configuration(invocation);
    if (!setting.configuration) return ExitCode::configuration;
    setting.sources = std::make_unique<lookup::Sources>(setting.configuration);
    if (const auto wrong = Circumstances(invocation, setting).read()) return *wrong;
    if (setting.wants_trace && !json) print_setting_explanation(console, setting);
    return for_each_input(invocation, "Address: ", [&](const std::string& address) {
        const RewriteFindings findings = look_at(setting, address);
        if (json) {
            print_rewrite_json(console, setting, findings);
        } else {
            if (setting.wants_trace) print_rewrite_explanation(console, setting, findings);
            print_rewrite_report(console, setting, findings);
        }
        return findings.accepted(setting) ? ExitCode::done : ExitCode::failed;
    });
}

}  // namespace sluice::utility
