#include "qmail_log/smtp_lines.h"

#include "qmail_log/entries.h"

namespace sluice::qmail_log {

namespace {

using log::Cause;
using log::Event;
using log::EventKind;

/// In fields between colons.
std::string field_address(const IpAddress& address) {
    return address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
}

std::string peer_address(const Event& event) {
    if (event.transport) return event.transport->remote.address.to_string();
    return event.source.address ? event.source.address->to_string() : std::string();
}

/// A colon would begin the next field.
std::string name_field(std::string_view name) {
    std::string text = cleaned(name);
    for (char& c : text) {
        if (c == ':') c = '?';
    }
    return text;
}

class Renderer {
public:
    Renderer(std::string& out, const Event& event, const SmtpLineOptions& options)
        : out_(out), event_(event), options_(options), pid_(pid_text()) {}

    void render() {
        switch (event_.kind) {
            case EventKind::connection_arrived:
                return line(Entry::tcp, "tcpserver: pid " + pid_ + " from " + peer_address(event_));
            case EventKind::connections_changed:
                return line(
                    Entry::tcp_status, "tcpserver: status: " + std::to_string(event_.count) + '/' +
                                           std::to_string(event_.limit)
                );
            case EventKind::connection_opened:
                return line(Entry::tcp, "tcpserver: ok " + pid_ + ' ' + both_ends());
            case EventKind::connection_refused:
                return refused();
            case EventKind::connection_closed:
                return line(
                    Entry::tcp, "tcpserver: end " + pid_ + " status " +
                                    (event_.diagnostic.empty() ? "0" : "256")
                );
            case EventKind::early_talk:
                return smtpd(
                    Entry::before_greeting, "before greeting:",
                    bracketed_peer() + " client " +
                        (event_.cause == Cause::sent_data ? "sent data" : "disconnected")
                );
            case EventKind::sender_accepted:
                return smtpd(Entry::mail_from, "MAIL", "FROM:<" + cleaned(event_.sender) + '>');
            case EventKind::recipient_accepted:
                return smtpd(Entry::rcpt_to, "RCPT", "TO:<" + cleaned(event_.recipient) + '>');
            case EventKind::recipient_looked_for:
                return looked_for();
            case EventKind::sender_looked_up:
                return sender_looked_up();
            case EventKind::client_screened:
                return line(
                    Entry::jgreylist, "jgreylist[" + pid_ + "]: " + peer_address(event_) + ' ' +
                                          cleaned_text(event_.diagnostic)
                );
            case EventKind::enqueue_refused:
                return enqueue_refused();
            case EventKind::authentication:
                return smtpd(
                    Entry::auth, event_.modifiers.authenticated ? "AUTH successful" : "AUTH failed",
                    bracketed_peer() + ' ' + cleaned(event_.username)
                );
            default:
                return;
        }
    }

private:
    [[nodiscard]] std::string pid_text() const {
        if (options_.pid == PidStyle::session) return std::to_string(event_.session);
        return std::to_string(event_.process.pid * 1000 + event_.process.thread.value_or(0) % 1000);
    }

    [[nodiscard]] std::string bracketed_peer() const { return '[' + peer_address(event_) + ']'; }

    /// lhost:lip:lport rhost:rip:rinfo:rport, where rinfo is what an IDENT server said.
    [[nodiscard]] std::string both_ends() const {
        std::string text = name_field(options_.host) + ':';
        if (event_.transport) {
            text += field_address(event_.transport->local.address) + ':' +
                    std::to_string(event_.transport->local.port);
        } else {
            text += ':';
        }
        text += ' ' + name_field(event_.source.reverse_name) + ':';
        if (event_.transport) {
            text += field_address(event_.transport->remote.address) + ':' +
                    name_field(event_.source.ident) + ':' +
                    std::to_string(event_.transport->remote.port);
        } else {
            text += "::";
        }
        return text;
    }

    // What a list of addresses says about the client is told to it as 451 or 553.
    void refused() {
        const std::string_view reply = event_.diagnostic;
        const bool listed = event_.cause == Cause::port_access &&
                            (reply.starts_with("451 ") || reply.starts_with("553 "));
        if (!listed) return line(Entry::tcp, "tcpserver: deny " + pid_ + ' ' + both_ends());
        line(
            Entry::rblsmtpd,
            "rblsmtpd: " + peer_address(event_) + " pid " + pid_ + ": " + cleaned_text(reply)
        );
    }

    void looked_for() {
        const std::string_view what = event_.cause == Cause::presented ? "RCPT TO:"
                                      : event_.cause == Cause::found   ? "found:"
                                                                       : "trying:";
        validrcptto(what, event_.recipient);
    }

    void validrcptto(std::string_view what, std::string_view address) {
        smtpd(
            Entry::validrcptto, "validrcptto",
            bracketed_peer() + ' ' + std::string(what) + ' ' + cleaned(address)
        );
    }

    void mfcheck(std::string_view result, std::string_view about) {
        smtpd(
            Entry::mfcheck, "MFCHECK",
            std::string(result) + ' ' + bracketed_peer() + ' ' + cleaned(about)
        );
    }

    /// With the name of what was not looked up, whoever it is may be found.
    void sender_looked_up() {
        if (event_.cause == Cause::found) return mfcheck("pass", sender_domain());
        mfcheck("bypassed", event_.sender.empty() ? std::string_view("<>") : event_.sender);
    }

    [[nodiscard]] std::string_view sender_domain() const {
        const std::string_view sender = event_.sender;
        return sender.substr(sender.rfind('@') + 1);
    }

    void enqueue_refused() {
        if (event_.cause == Cause::unknown_sender) return mfcheck("fail", sender_domain());
        if (event_.cause != Cause::unknown_recipient) return;
        // With the trace the search, and what was searched for, stand there already.
        if (!options_.recipient_trace) validrcptto("RCPT TO:", event_.recipient);
        validrcptto("reject:", event_.recipient);
    }

    void smtpd(Entry entry, std::string_view what, const std::string& text) {
        line(entry, "qmail-smtpd[" + pid_ + "]: " + std::string(what) + ' ' + text);
    }

    void line(Entry entry, const std::string& text) {
        if (!options_.switches.has(entry)) return;
        out_ += stamp_text(options_.stamp, event_.time);
        out_.append(text).append("\n");
    }

    std::string& out_;
    const Event& event_;
    const SmtpLineOptions& options_;
    const std::string pid_;
};

}  // namespace

void render_smtp(std::string& out, const Event& event, const SmtpLineOptions& options) {
    if (event.direction != log::Direction::inbound) return;
    Renderer(out, event, options).render();
}

}  // namespace sluice::qmail_log
