// The message in chunks (RFC 3030): no dots, no end mark, nothing in it can be taken for a command.
#include <algorithm>

#include "smtp/client_session.h"

namespace sluice::smtp {

// Without PIPELINING every chunk would wait for the reply to the one before; DATA is quicker then.
bool ClientSession::uses_chunks() const {
    return settings_->chunking && settings_->pipelining && capabilities_.chunking &&
           capabilities_.pipelining;
}

// The command and its octets are one piece of output: nothing can come in between.
void ClientSession::send_chunk(bool is_last) {
    output_ += "BDAT " + std::to_string(chunk_.size()) + (is_last ? " LAST\r\n" : "\r\n");
    output_ += chunk_;
    chunk_.clear();
    if (!is_last) pending_.push_back({Command::bdat, 0});
}

// A chunk that is refused ends the transaction (RFC 3030 section 2); those that are on their way
// have replies all the same.
void ClientSession::on_chunk(const Reply& reply) {
    if (reply.is_intermediate()) return nonsense(Phase::body, reply);
    if (!reply.is_positive()) {
        fail_open_recipients(Phase::body, reply);
        const bool all_sent =
            std::any_of(pending_.begin(), pending_.end(), [](const Pending& next) {
                return next.command == Command::dot;
            });
        // RFC 2033 section 4.2 does not say how many replies the last chunk has after that.
        if (all_sent && settings_->protocol == ClientSettings::Protocol::lmtp)
            return nonsense(Phase::body, reply);
        state_ = State::dot;
    }
    if (state_ == State::dot && pending_.empty()) finish_transaction(true);
}

}  // namespace sluice::smtp
