// RSET, NOOP, QUIT and HELP (RFC 5321 sections 4.1.1.5 and 4.1.1.8 to 4.1.1.10).
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_rset(std::string_view) {
    abort_transaction(AbortReason::reset);
    if (!closed_by_recipient_limit()) send(replies::ok());
}

void ServerSession::cmd_noop(std::string_view) {
    send(replies::ok());
}

void ServerSession::cmd_quit(std::string_view) {
    close_with(replies::goodbye(), CloseReason::quit);
}

void ServerSession::cmd_help(std::string_view) {
    std::string commands = "Commands: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT HELP VRFY";
    if (settings_->chunking) commands += " BDAT";
    if (offers_expand()) commands += " EXPN";
    if (settings_->etrn) commands += " ETRN";
    if (settings_->starttls) commands += " STARTTLS";
    if (offers_auth()) commands += " AUTH";
    send(Reply(
        214, {2, 3, 0},
        std::vector<std::string>{
            std::move(commands), "Write to postmaster at this host about problems."}
    ));
}

}  // namespace sluice::smtp
