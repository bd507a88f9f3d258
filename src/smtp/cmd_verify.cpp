// VRFY and EXPN (RFC 5321 sections 3.5, 4.1.1.6 and 4.1.1.7).
#include <algorithm>

#include "base/bytes.h"
#include "base/utf8.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

// RFC 6531 section 3.7.4.2: the last word says that the answer may be UTF-8. nullopt: the argument
// is, without that word.
std::optional<std::string> ServerSession::verify_argument(std::string_view argument) {
    constexpr std::string_view word = " SMTPUTF8";
    const std::size_t at = argument.size() - std::min(argument.size(), word.size());
    answers_in_utf8_ =
        settings_->smtputf8 && esmtp_ && at > 0 && equals_ignoring_case(argument.substr(at), word);
    if (answers_in_utf8_) argument = trim(argument.substr(0, at));
    if (!is_ascii(argument) && (!answers_in_utf8_ || !is_utf8(argument))) return std::nullopt;
    return std::string(argument);
}

// VRFY counts as a recipient: otherwise it would be the cheap way to try addresses.
void ServerSession::cmd_vrfy(std::string_view argument) {
    if (argument.empty()) return bad_argument(replies::syntax_error());
    const auto& limit = settings_->recipients_per_transaction;
    if (limit && accepted_ + verified_ >= *limit) return send(replies::too_many_recipients());
    ++verified_;
    auto question = verify_argument(argument);
    if (!question) return send(replies::utf8_address_refused());
    ask(Question::verify, AskVerify{*std::move(question), hides_verify()});
}

void ServerSession::cmd_expn(std::string_view argument) {
    if (!offers_expand()) return send(replies::expand_disabled());
    if (argument.empty()) return bad_argument(replies::syntax_error());
    auto question = verify_argument(argument);
    if (!question) return send(replies::utf8_address_refused());
    ask(Question::verify, AskExpand{*std::move(question)});
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
