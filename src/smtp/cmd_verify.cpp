// VRFY and EXPN (RFC 5321 sections 3.5, 4.1.1.6 and 4.1.1.7).
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

// VRFY counts as a recipient: otherwise it would be the cheap way to try addresses.
void ServerSession::cmd_vrfy(std::string_view argument) {
    if (argument.empty()) return bad_argument(replies::syntax_error());
    const auto& limit = settings_->recipients_per_transaction;
    if (limit && accepted_ + verified_ >= *limit) return send(replies::too_many_recipients());
    ++verified_;
    ask(Question::verify, AskVerify{std::string(argument), hides_verify()});
}

void ServerSession::cmd_expn(std::string_view argument) {
    if (!offers_expand()) return send(replies::expand_disabled());
    if (argument.empty()) return bad_argument(replies::syntax_error());
    ask(Question::other, AskExpand{std::string(argument)});
}

bool ServerSession::hides_verify() const {
    return settings_->verify == VerifyPolicy::hide ||
           (settings_->verify == VerifyPolicy::by_default && settings_->hide_verify);
}

bool ServerSession::offers_expand() const {
    return settings_->expand == ExpandPolicy::allow ||
           (settings_->expand == ExpandPolicy::by_default && !settings_->disable_expand);
}

}  // namespace sluice::smtp
