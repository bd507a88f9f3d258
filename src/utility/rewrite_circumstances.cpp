// The circumstances of `imsimta test -rewrite`, as the switches describe them.
#include <algorithm>

#include "base/bytes.h"
#include "policy/postmaster.h"
#include "policy/source_channel.h"
#include "utility/test_faces.h"
#include "utility/test_rewrite.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

/// Reads the circumstances from the command line. Each function says what is wrong and gives the
/// exit code for it, or nullopt.
class Circumstances {
public:
    Circumstances(Invocation& invocation, RewriteSetting& setting)
        : line_(invocation.line()), console_(invocation.console()), setting_(setting) {}

    std::optional<ExitCode> read() {
        if (auto wrong = read_client()) return wrong;
        decide_sender();
        return std::nullopt;
    }

    std::optional<ExitCode> read_client() {
        setting_.wants_trace = line_.has("debug") || line_.has("explain") || is_dialogue();
        setting_.shows_channel = !line_.is_negated("channel");
        setting_.notify_success = line_.has("delivery_receipt");
        setting_.checks_expansions = line_.has("check_expansions");
        setting_.defers_expansion = !line_.is_negated("reprocess");
        setting_.local_alias = text("local_alias");
        if (auto wrong = refuse_what_is_not_built()) return wrong;
        if (auto wrong = read_databases()) return wrong;
        setting_.client_name = text("client_name");
        if (!text("orcpt").empty()) setting_.orcpt = "rfc822;" + text("orcpt");
        if (text("orcpt").find(';') != std::string::npos) setting_.orcpt = text("orcpt");
        if (auto wrong = read_channels()) return wrong;
        read_session();
        if (auto wrong = read_connection()) return wrong;
        switch_channel();
        return std::nullopt;
    }

private:
    [[nodiscard]] std::string text(std::string_view name) const {
        return std::string(line_.value(name).value_or(""));
    }
    [[nodiscard]] bool is_dialogue() const { return line_.has("smtp"); }
    /// Address of the client; empty: there is no connection. A dialogue has one in any case.
    [[nodiscard]] std::string client_address() const {
        const std::string given = text(line_.value("source") ? "source" : "ip");
        return given.empty() && is_dialogue() ? "127.0.0.1" : given;
    }
    [[nodiscard]] const channel::ChannelTable& channels() const {
        return setting_.configuration->imta.channels;
    }
    policy::Trace* trace() { return setting_.wants_trace ? &setting_.trace : nullptr; }

    // What cannot be obeyed must not look as if it were.
    std::optional<ExitCode> refuse_what_is_not_built() {
        const auto refuse = [this](const std::string& text) {
            console_.error(facility, "NOTBUILT", text);
            return ExitCode::usage;
        };
        if (line_.has("filter")) return refuse("-filter: there are no mailbox filters here yet");
        if (line_.has("read_receipt")) {
            return refuse(
                "-read_receipt: a header field asks for these receipts, no address depends on it"
            );
        }
        if (line_.value("restricted") && text("restricted") != "0") {
            return refuse(
                "-restricted=" + text("restricted") +
                ": odd local parts are not encoded yet (keyword restricted)"
            );
        }
        return std::nullopt;
    }

    /// -database=noalias,nogeneral: these are not asked.
    std::optional<ExitCode> read_databases() {
        using Kind = mapping::Question::Kind;
        static constexpr std::pair<std::string_view, Kind> names[] = {
            {"noalias", Kind::alias_value},     {"nodomain", Kind::domain_template},
            {"noforward", Kind::forward_value}, {"nogeneral", Kind::general_value},
            {"noreverse", Kind::reverse_value},
        };
        std::string list = text("database");
        if (list.starts_with('(') && list.ends_with(')')) list = list.substr(1, list.size() - 2);
        if (list.empty()) return std::nullopt;
        for (const std::string_view item : split(list, ',')) {
            const auto* found =
                std::find_if(std::begin(names), std::end(names), [&](const auto& name) {
                    return equals_ignoring_case(name.first, trim(item));
                });
            if (found == std::end(names)) {
                console_.error(
                    facility, "VALUE",
                    "-database=" + std::string(item) +
                        ": what can be said is noalias, nodomain, noforward, nogeneral and "
                        "noreverse; others are named by the tailor file"
                );
                return ExitCode::usage;
            }
            setting_.closed_databases.insert(found->second);
        }
        return std::nullopt;
    }

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
        const bool has_client = !client_address().empty();
        if (has_client && channels().find("tcp_local") != nullptr) {
            setting_.source = channels().find("tcp_local");
        }
        setting_.destination = channels().local();
        if (auto wrong = find("source_channel", setting_.source)) return wrong;
        return find("destination_channel", setting_.destination);
    }

    void read_session() {
        access::Session& session = setting_.session;
        using Protocol = access::AppInfo::Protocol;
        const bool helo = line_.value("helo") || line_.value("ehlo");
        const bool smtp =
            !client_address().empty() || helo || line_.has("tls") || line_.value("auth");
        if (smtp) session.app.protocol = Protocol::smtp;
        if (line_.has("lmtp")) session.app.protocol = Protocol::lmtp;
        session.app.helo = line_.value("ehlo") ? text("ehlo") : text("helo");
        session.extended = line_.value("ehlo").has_value();
        session.tls = line_.has("tls");
        session.app.tls_info = text("tls");
        session.authenticated = line_.value("auth").has_value();
        setting_.authenticated_from = text(line_.value("sender") ? "sender" : "auth");
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
        if (client_address().empty()) return std::nullopt;
        const auto client = IpAddress::parse(client_address());
        if (!client) return bad_value(line_.value("source") ? "source" : "ip", "IP address");
        access::PortInfo info;
        info.server = {IpAddress::v4({127, 0, 0, 1}), static_cast<std::uint16_t>(*port)};
        info.client = {*client, 0};
        setting_.session.port = info;
        check_port(info);
        TrialAnswers outside(setting_);
        setting_.source = &policy::choose_source_channel(
            *setting_.configuration, *setting_.source, *client, setting_.client_name, outside,
            trace()
        );
        return std::nullopt;
    }

    // As the dispatcher and then the server ask.
    void check_port(const access::PortInfo& info) {
        TrialAnswers outside(setting_);
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
            setting_.sender = policy::postmaster_of(*setting_.configuration, *setting_.source);
        }
        policy::SenderProbe probe;
        probe.source = setting_.source;
        probe.address = setting_.sender;
        probe.client_name = setting_.client_name;
        probe.session = setting_.session;
        probe.authenticated_from = setting_.authenticated_from;
        TrialAnswers outside(setting_);
        setting_.sender_decision =
            policy::decide_sender(*setting_.configuration, probe, outside, trace());
    }

    const CommandLine& line_;
    Console& console_;
    RewriteSetting& setting_;
};

}  // namespace

std::optional<ExitCode> read_circumstances(Invocation& invocation, RewriteSetting& setting) {
    return Circumstances(invocation, setting).read();
}

std::optional<ExitCode> read_client(Invocation& invocation, RewriteSetting& setting) {
    return Circumstances(invocation, setting).read_client();
}

}  // namespace sluice::utility
