// MAIL, RCPT and DATA of one transaction, sent ahead of their replies where the peer allows it
// (RFC 2920 section 3.1).
#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "base/utf8.h"
#include "smtp/client_session.h"
#include "smtp/command_parser.h"

namespace sluice::smtp {

using namespace client_event;

namespace {

// What would end the command line early, or hide a second command in it.
bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_control);
}

// A parameter value as it may stand in a command.
bool is_parameter_value(std::string_view text) {
    return !has_control(text) && text.find(' ') == std::string_view::npos;
}

Reply no_utf8_here() {
    return {0, {5, 6, 7}, "remote host does not take UTF-8 addresses"};
}

}  // namespace

bool ClientSession::can_begin() const {
    const auto& limit = settings_->transactions_per_session;
    return state_ == State::ready && (!limit || transactions_ < *limit);
}

void ClientSession::begin(OutgoingMessage message) {
    assert(can_begin() && !message.recipients.empty());
    message_ = std::move(message);
    recipients_.assign(message_.recipients.size(), Recipient());
    accepted_.clear();
    next_recipient_ = 0;
    delivered_ = 0;
    mail_sent_ = mail_failed_ = data_sent_ = false;
    ++transactions_;
    state_ = State::envelope;
    if (const auto refusal = local_refusal()) {
        fail_open_recipients(Phase::idle, *refusal);
        finish_transaction(needs_reset_);
        return;
    }
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
        if (const auto refusal = local_refusal(message_.recipients[i]))
            recipient_done(i, Outcome::permanent, Phase::idle, *refusal);
    }
    if (!has_open_recipient()) finish_transaction(needs_reset_);
}

// What this peer cannot take, by its own words; no command is worth sending then.
std::optional<Reply> ClientSession::local_refusal() const {
    const Capabilities& peer = capabilities_;
    if (peer.size.value_or(0) != 0 && message_.size > *peer.size)
        return Reply(0, {5, 3, 4}, "message is larger than the remote host takes");
    if (message_.eight_bit && !peer.eight_bit_mime && !settings_->force_eight_bit)
        return Reply(0, {5, 6, 3}, "remote host does not take 8-bit content");
    if (message_.smtputf8 && !peer.smtputf8) return no_utf8_here();
    if (has_control(message_.sender) || !is_parameter_value(message_.envid))
        return Reply(0, {5, 1, 7}, "sender or envelope id holds control characters");
    return std::nullopt;
}

std::optional<Reply> ClientSession::local_refusal(const OutgoingRecipient& recipient) const {
    if (has_control(recipient.path) || !is_parameter_value(recipient.orcpt))
        return Reply(0, {5, 1, 3}, "address holds control characters");
    if (!is_ascii(recipient.path) && !capabilities_.smtputf8) return no_utf8_here();
    return std::nullopt;
}

bool ClientSession::says_smtputf8() const {
    return message_.smtputf8 ||
           std::any_of(
               message_.recipients.begin(), message_.recipients.end(),
               [](const OutgoingRecipient& recipient) { return !is_ascii(recipient.path); }
           );
}

std::string ClientSession::mail_line() const {
    std::string line = "MAIL FROM:<" + message_.sender + '>';
    const Capabilities& peer = capabilities_;
    if (peer.size && message_.size != 0) line += " SIZE=" + std::to_string(message_.size);
    if (peer.eight_bit_mime && message_.eight_bit) line += " BODY=8BITMIME";
    if (peer.smtputf8 && says_smtputf8()) line += " SMTPUTF8";
    if (peer.dsn && message_.ret != Ret::unspecified)
        line += message_.ret == Ret::full ? " RET=FULL" : " RET=HDRS";
    if (peer.dsn && !message_.envid.empty()) line += " ENVID=" + message_.envid;
    // RFC 4954 section 5: of use to a server that trusts us, which is one that we log in at.
    if (authenticated_ && !message_.auth.empty() && is_parameter_value(message_.auth))
        line += " AUTH=" + message_.auth;
    return line;
}

std::string ClientSession::rcpt_line(std::size_t index) const {
    const OutgoingRecipient& recipient = message_.recipients[index];
    std::string line = "RCPT TO:<" + recipient.path + '>';
    if (!capabilities_.dsn) return line;
    if (recipient.notify.is_given()) line += " NOTIFY=" + to_text(recipient.notify);
    if (!recipient.orcpt.empty()) line += " ORCPT=" + recipient.orcpt;
    return line;
}

// Sends what may go out now. Not too far ahead: a peer that does not read while it writes would
// leave both sides stuck in full buffers.
void ClientSession::pump() {
    if (state_ != State::envelope) return;
    const bool ahead = settings_->pipelining && capabilities_.pipelining;
    const std::size_t window = ahead ? std::max<std::size_t>(settings_->commands_in_flight, 1) : 1;
    while (pending_.size() < window && send_next_command()) {
    }
}

bool ClientSession::send_next_command() {
    if (needs_reset_) {
        needs_reset_ = false;
        send_command(Command::rset, "RSET");
        return true;
    }
    if (!mail_sent_) {
        mail_sent_ = true;
        send_command(Command::mail, mail_line());
        return true;
    }
    if (mail_failed_) return false;
    while (next_recipient_ < recipients_.size() &&
           recipients_[next_recipient_].state == RecipientState::done)
        ++next_recipient_;
    if (next_recipient_ < recipients_.size()) {
        send_command(Command::rcpt, rcpt_line(next_recipient_), next_recipient_);
        ++next_recipient_;
        return true;
    }
    // An open recipient is one whose reply is on its way: it may turn out well.
    if (data_sent_ || (accepted_.empty() && !has_open_recipient())) return false;
    // BDAT brings the message along: only what is wanted is sent.
    if (uses_chunks() && has_open_recipient()) return false;
    data_sent_ = true;
    if (uses_chunks()) {
        begin_body(false);
        return false;
    }
    send_command(Command::data, "DATA");
    return true;
}

bool ClientSession::has_open_recipient() const {
    return std::any_of(recipients_.begin(), recipients_.end(), [](const Recipient& recipient) {
        return recipient.state == RecipientState::open;
    });
}

void ClientSession::on_mail(const Reply& reply) {
    if (reply.is_positive()) return;
    if (reply.is_intermediate()) return nonsense(Phase::mail, reply);
    mail_failed_ = true;
    fail_open_recipients(Phase::mail, reply);
}

void ClientSession::on_rcpt(std::size_t index, const Reply& reply) {
    if (mail_failed_) return;  // 503 as it should be
    if (reply.is_intermediate()) return nonsense(Phase::rcpt, reply);
    if (reply.is_positive()) {
        recipients_[index].state = RecipientState::accepted;
        recipients_[index].reply = reply;
        accepted_.push_back(index);
        return;
    }
    const bool permanent = reply.is_permanent() && (reply.code != 552 || is_permanent_552(reply));
    recipient_done(index, permanent ? Outcome::permanent : Outcome::temporary, Phase::rcpt, reply);
}

// 552 was once the code for "too many recipients", which passes (RFC 5321 section 4.5.3.1.10).
bool ClientSession::is_permanent_552(const Reply& reply) const {
    const std::string text = reply.to_text().substr(4);
    const auto& listed = settings_->permanent_552;
    return std::find(listed.begin(), listed.end(), text) != listed.end();
}

}  // namespace sluice::smtp
