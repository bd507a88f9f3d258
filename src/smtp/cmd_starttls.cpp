// STARTTLS (RFC 3207 section 4). The handshake is the shell's.
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

// What came along with the command was sent in the clear, perhaps by somebody in between, and must
// not pass for something said inside TLS: it is refused together with the command, and where the
// site lets early commands pass it is dropped.
void ServerSession::cmd_starttls(std::string_view) {
    rest_is_early_ = true;
    if (!offers_tls()) return send(replies::not_implemented("STARTTLS"));
    if (tls_) return send(replies::tls_already_active());
    if (input_follows_ && settings_->refuse_early_pipelining)
        return send(replies::pipelined_too_early());
    abort_transaction(AbortReason::reset);
    send(replies::go_ahead_with_tls());
    drop_rest_ = true;
    state_ = State::tls;
    events_.emplace_back(StartTls{});
}

}  // namespace sluice::smtp
