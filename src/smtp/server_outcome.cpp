// What every command of a server session ends in: a reply, a question, a bad command, a close.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

namespace {

// No AUTH payload ever reaches a log, nor do the lines of a client that sends its password whatever
// it was answered.
std::string loggable(std::string_view line, bool after_auth) {
    if (!starts_with_ignoring_case(line, "AUTH")) return sanitised(after_auth ? not_shown : line);
    const auto words = split_words(line);
    return sanitised(words.size() > 1 ? "AUTH " + std::string(words[1]) : std::string("AUTH"));
}

AbortReason abort_reason(CloseReason reason) {
    switch (reason) {
        case CloseReason::quit:
            return AbortReason::quit;
        case CloseReason::disconnect:
            return AbortReason::disconnect;
        case CloseReason::timeout:
            return AbortReason::timeout;
        case CloseReason::shutdown:
            return AbortReason::shutdown;
        default:
            return AbortReason::closed;
    }
}

}  // namespace

void ServerSession::send(const Reply& reply) {
    const bool in_utf8 = answers_in_utf8_ || (in_transaction_ && smtputf8_);
    if (!peer_gone_) reply.append_to(output_, settings_->smtputf8 && in_utf8);
}

// RFC 2033 section 4.2: the outcome of a message is told for each recipient that was accepted, in
// the order of their RCPT commands. A message is taken for all of them or for none.
void ServerSession::send_about_message(const Reply& reply) {
    const std::size_t replies = settings_->lmtp ? std::max<std::size_t>(accepted_, 1) : 1;
    for (std::size_t i = 0; i < replies; ++i) send(reply);
}

void ServerSession::ask(Question question, ServerAction action) {
    question_ = question;
    state_ = State::answer;
    events_.push_back(std::move(action));
}

void ServerSession::bad_command(std::string_view line, const Reply& reply, Fault fault) {
    send(reply);
    ++bad_commands_;
    if (b_entries_ < settings_->max_b_entries) {
        ++b_entries_;
        events_.emplace_back(BadCommand{
            loggable(line, after_auth_), reply, fault == Fault::hostile,
            b_entries_ == settings_->max_b_entries, fault != Fault::malformed});
    }
    const auto& limit = settings_->disconnect_bad_commands;
    if (limit && bad_commands_ >= *limit)
        close_with(replies::too_many_bad_commands(), CloseReason::bad_commands);
}

void ServerSession::refused(Refused::What what, std::string address, const Reply& reply) {
    events_.emplace_back(Refused{what, std::move(address), reply});
    send(reply);
}

void ServerSession::close(CloseReason reason) {
    abort_transaction(abort_reason(reason));
    question_ = Question::none;
    close_reason_ = reason;
    state_ = State::closed;
}

void ServerSession::close_with(const Reply& reply, CloseReason reason) {
    send(reply);
    close(reason);
}

void ServerSession::abort_transaction(AbortReason reason, const Reply& reply) {
    if (!in_transaction_) return;
    forget_unseen_octets();
    events_.emplace_back(Abort{reason, in_data_, reply});
    clear_transaction();
}

void ServerSession::clear_transaction() {
    in_transaction_ = false;
    smtputf8_ = false;
    binary_.reset();
    chunking_ = false;
    in_data_ = false;
    accepted_ = presented_ = verified_ = 0;
    data_refusal_.reset();
    discarded_ = 0;
}

}  // namespace sluice::smtp
