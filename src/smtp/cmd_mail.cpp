// MAIL (RFC 5321 section 4.1.1.2).
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_mail(std::string_view argument) {
    if (auto reply = refuse_mail_now()) return send(*reply);
    if (closed_by_recipient_limit()) return;

    OfferedParameters offered;
    offered.size = esmtp_;
    offered.eight_bit_mime = esmtp_ && settings_->eight_bit_mime;
    offered.binary_mime = esmtp_ && settings_->chunking && settings_->binary_mime;
    offered.dsn = esmtp_ && settings_->dsn;
    offered.auth = esmtp_ && offers_auth();
    offered.smtputf8 = esmtp_ && settings_->smtputf8;
    auto parsed = parse_mail(argument, offered, settings_->address_lengths);
    if (const auto* reply = std::get_if<Reply>(&parsed)) return bad_argument(*reply);
    auto& mail = std::get<MailCommand>(parsed);

    const auto& set = *settings_;
    if (set.transactions_per_session && transactions_ >= *set.transactions_per_session) {
        refused(Refused::What::sender, mail.path, replies::too_many_messages_closing());
        return close(CloseReason::transactions);
    }
    if (set.transaction_limit && transactions_ >= *set.transaction_limit)
        return refused(Refused::What::sender, mail.path, replies::too_many_messages());
    // RFC 1870 section 6.1: refused early, so that the data need not be sent.
    if (set.message_size != 0 && mail.size.value_or(0) > set.message_size) {
        const Reply reply = replies::declared_size_too_big(set.message_size);
        return refused(Refused::What::sender, mail.path, reply);
    }
    smtputf8_ = mail.smtputf8;
    if (mail.body == Body::binary_mime) binary_ = std::make_unique<BinaryContent>();
    ask(Question::mail, AskMail{std::move(mail)});
}

std::optional<Reply> ServerSession::refuse_mail_now() const {
    if (settings_->require_hello && hello_name_.empty()) return replies::no_hello();
    if (in_transaction_) return replies::mail_already_given();
    if (settings_->tls_required && !tls_) return replies::tls_required();
    if (settings_->auth_required && !authenticated_) return replies::auth_required();
    return std::nullopt;
}

bool ServerSession::closed_by_recipient_limit() {
    const auto& limit = settings_->disconnect_recipients;
    if (!limit || session_recipients_ < *limit) return false;
    close_with(replies::too_many_recipients_closing(), CloseReason::recipients);
    return true;
}

void ServerSession::on_mail_answer(const Reply& reply) {
    if (reply.is_positive()) {
        in_transaction_ = true;
        ++transactions_;
        send(reply);
    } else {
        send(reply);
        clear_transaction();
    }
}

}  // namespace sluice::smtp
