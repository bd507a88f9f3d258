// The message itself, and the end of a transaction.
#include <cassert>

#include "smtp/client_session.h"

namespace sluice::smtp {

using namespace client_event;

void ClientSession::on_data(const Reply& reply) {
    if (reply.code == 354) {
        if (accepted_.empty()) {
            // DATA was on its way before the last recipient was refused: an empty message for
            // nobody (RFC 2920 section 3.1).
            send_command(Command::lone_dot, ".");
        } else {
            begin_body(true);
        }
    } else if (reply.is_positive() || reply.is_intermediate()) {
        nonsense(Phase::data, reply);
    } else {
        fail_open_recipients(Phase::data, reply);
    }
}

void ClientSession::begin_body(bool with_dots) {
    encoder_ = DataEncoder(with_dots);
    chunk_.clear();
    state_ = State::body;
    events_.emplace_back(SendBody{});
}

void ClientSession::append_body(std::string_view octets) {
    if (state_ != State::body) return;
    if (!uses_chunks()) return encoder_.append(octets, output_);
    encoder_.append(octets, chunk_);
    if (chunk_.size() >= settings_->chunk_size) send_chunk(false);
}

void ClientSession::end_body() {
    if (state_ != State::body) return;
    encoder_.finish(uses_chunks() ? chunk_ : output_);
    if (uses_chunks()) send_chunk(true);
    state_ = State::dot;
    const bool lmtp = settings_->protocol == ClientSettings::Protocol::lmtp;
    for (const std::size_t index : accepted_) {
        pending_.push_back({Command::dot, index});
        if (!lmtp) break;  // one reply speaks for all
    }
}

void ClientSession::abandon_body(const std::string& why) {
    if (state_ == State::body)
        give_up(Unusable::Reason::lost, Phase::body, Reply(0, {4, 3, 0}, why));
}

void ClientSession::on_dot(std::size_t index, const Reply& reply) {
    if (reply.is_intermediate()) return nonsense(Phase::dot, reply);
    const bool lmtp = settings_->protocol == ClientSettings::Protocol::lmtp;
    if (reply.is_positive()) {
        if (lmtp)
            deliver(index, reply);
        else
            for (const std::size_t accepted : accepted_) deliver(accepted, reply);
    } else if (lmtp) {
        recipient_done(index, failure_of(reply), Phase::dot, reply);
    } else {
        fail_open_recipients(Phase::dot, reply);
    }
    if (pending_.empty()) finish_transaction(!reply.is_positive() && !lmtp);
}

// The peer answers before it has the message: a refusal counts, but nobody knows any more which of
// its replies belongs to what.
void ClientSession::on_early_reply(const Reply& reply) {
    if (reply.is_temporary() || reply.is_permanent()) {
        fail_open_recipients(Phase::body, reply);
    }
    nonsense(Phase::body, reply);
}

Outcome ClientSession::failure_of(const Reply& reply) {
    const bool permanent =
        reply.is_permanent() || (reply.code == 0 && reply.status_or_default().status_class == 5);
    return permanent ? Outcome::permanent : Outcome::temporary;
}

void ClientSession::fail_open_recipients(Phase where, const Reply& reply) {
    for (std::size_t i = 0; i < recipients_.size(); ++i)
        recipient_done(i, failure_of(reply), where, reply);
}

void ClientSession::deliver(std::size_t index, const Reply& final_reply) {
    Recipient& recipient = recipients_[index];
    if (recipient.state == RecipientState::done) return;
    recipient.state = RecipientState::done;
    ++delivered_;
    events_.emplace_back(RecipientDone{
        index, Outcome::delivered, Phase::dot, std::move(recipient.reply), final_reply, false});
}

// The one place that gives a recipient its final word; a second one is ignored.
void ClientSession::recipient_done(
    std::size_t index, Outcome outcome, Phase where, const Reply& reply, bool in_doubt
) {
    if (recipients_[index].state == RecipientState::done) return;
    recipients_[index].state = RecipientState::done;
    events_.emplace_back(RecipientDone{index, outcome, where, reply, Reply(), in_doubt});
}

void ClientSession::finish_transaction(bool needs_reset) {
    needs_reset_ = needs_reset;
    state_ = State::ready;
    events_.emplace_back(TransactionDone{delivered_});
}

}  // namespace sluice::smtp
