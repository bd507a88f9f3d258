// ETRN (RFC 1985) and its older name QSND.
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_etrn(std::string_view argument) {
    if (!settings_->etrn) return send(replies::not_implemented("ETRN"));
    if (argument.empty() || argument.find_first_of(" \t") != std::string_view::npos)
        return bad_argument(replies::syntax_error());
    if (in_transaction_) return send(replies::transaction_under_way("ETRN"));
    if (settings_->etrns_per_session && etrns_ >= *settings_->etrns_per_session)
        return send(replies::etrn_limit());
    ++etrns_;
    ask(Question::other, AskEtrn{std::string(argument)});
}

void ServerSession::cmd_qsnd(std::string_view argument) {
    if (!settings_->qsnd) return bad_argument(replies::unknown_command("QSND"));
    cmd_etrn(argument);
}

}  // namespace sluice::smtp
