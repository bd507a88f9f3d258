// RCPT (RFC 5321 section 4.1.1.3) and the limits on recipients.
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_rcpt(std::string_view argument) {
    if (!in_transaction_) return send(replies::no_mail());
    if (in_data_) return send(replies::chunks_under_way());
    OfferedParameters offered;
    offered.dsn = esmtp_ && settings_->dsn;
    auto parsed = parse_rcpt(argument, offered, settings_->address_lengths, smtputf8_);
    if (const auto* reply = std::get_if<Reply>(&parsed)) return bad_argument(*reply);
    auto& rcpt = std::get<RcptCommand>(parsed);
    ++presented_;
    ++session_recipients_;
    if (auto reply = recipient_limit())
        return refused(Refused::What::recipient, std::move(rcpt.path), *reply);
    ask(Question::recipient, AskRecipient{std::move(rcpt)});
}

// The earlier recipients stay: whoever sends to more than we take at once comes back with the rest
// (RFC 5321 section 4.5.3.1.10).
std::optional<Reply> ServerSession::recipient_limit() const {
    const auto& set = *settings_;
    if (set.rejections_before_deferral && rejections_ >= *set.rejections_before_deferral)
        return replies::deferred_after_rejections();
    if (set.recipients_per_transaction && accepted_ + verified_ >= *set.recipients_per_transaction)
        return replies::too_many_recipients();
    if (set.recipients_per_session && session_recipients_ > *set.recipients_per_session)
        return replies::too_many_recipients();
    return std::nullopt;
}

void ServerSession::on_recipient_answer(const Reply& reply) {
    send(reply);
    if (reply.is_positive()) ++accepted_;
    if (!reply.is_permanent()) return;
    ++rejections_;
    const auto& limit = settings_->disconnect_rejections;
    if (limit && rejections_ >= *limit)
        close_with(replies::too_many_rejections_closing(), CloseReason::rejections);
}

}  // namespace sluice::smtp
