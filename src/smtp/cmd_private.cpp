// The family's private X-commands, and commands that RFC 5321 has given up.
#include "base/bytes.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_xadr(std::string_view argument) {
    private_command("XADR", settings_->xadr, argument);
}
void ServerSession::cmd_xsta(std::string_view argument) {
    private_command("XSTA", settings_->xsta, argument);
}
void ServerSession::cmd_xcir(std::string_view argument) {
    private_command("XCIR", settings_->xcir, argument);
}
void ServerSession::cmd_xgen(std::string_view argument) {
    private_command("XGEN", settings_->xgen, argument);
}

void ServerSession::private_command(
    std::string_view verb, bool enabled, std::string_view argument
) {
    if (!enabled) return send(replies::disabled(verb));
    ask(Question::other, AskPrivate{std::string(verb), std::string(argument)});
}

// Nobody sits at a terminal of ours (RFC 5321 appendix F.6).
void ServerSession::cmd_send(std::string_view) {
    const std::string verb = to_upper(split_command(current_line_).verb);
    send(settings_->send_commands ? replies::not_implemented(verb) : replies::send_disabled());
}

// RFC 5321 appendix F.1: whoever asks could take other people's mail.
void ServerSession::cmd_turn(std::string_view) {
    send(replies::not_implemented("TURN"));
}
void ServerSession::cmd_atrn(std::string_view) {
    send(replies::not_implemented("ATRN"));
}

}  // namespace sluice::smtp
