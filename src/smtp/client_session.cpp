#include "smtp/client_session.h"

#include <cassert>
#include <utility>

namespace sluice::smtp {

using namespace client_event;

ClientSession::ClientSession(std::shared_ptr<const ClientSettings> settings)
    : settings_(std::move(settings)), pending_{Pending{Command::greeting}} {}

ClientEvent ClientSession::feed(std::string_view& input) {
    while (true) {
        if (auto event = next_event()) return *std::move(event);
        if (state_ == State::closed) return last_event_;
        if (input.empty() || pending_.empty()) pump();
        if (state_ == State::envelope && pending_.empty()) {
            finish_transaction(true);  // nothing left to say: nobody was accepted
            continue;
        }
        if (!events_.empty()) continue;
        if (input.empty()) {
            // Replies to chunks may come while others are still to be sent.
            if (pending_.empty() || state_ == State::body) return AwaitShell{};
            return NeedInput{};
        }
        auto outcome = reader_.next(input);
        if (!outcome) continue;
        if (const auto* fault = std::get_if<ReplyFault>(&*outcome))
            nonsense(phase(), Reply(0, {4, 5, 0}, std::string(to_word(*fault))));
        else
            on_reply(std::get<Reply>(*outcome), input);
    }
}

std::optional<ClientEvent> ClientSession::next_event() {
    if (events_.empty()) return std::nullopt;
    ClientEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void ClientSession::on_reply(const Reply& reply, std::string_view& input) {
    if (pending_.empty()) return on_unexpected_reply(reply);
    const Pending expected = pending_.front();
    pending_.pop_front();
    switch (expected.command) {
        case Command::greeting:
            on_greeting(reply);
            break;
        case Command::ehlo:
        case Command::helo:
            on_hello(reply, expected.command == Command::ehlo);
            break;
        case Command::starttls:
            on_starttls(reply, input);
            break;
        case Command::auth:
            events_.emplace_back(AuthReply{reply});
            break;
        case Command::rset:
            if (!reply.is_positive()) nonsense(Phase::reset, reply);
            break;
        case Command::mail:
            on_mail(reply);
            break;
        case Command::rcpt:
            on_rcpt(expected.recipient, reply);
            break;
        case Command::data:
            on_data(reply);
            break;
        case Command::bdat:
            on_chunk(reply);
            break;
        case Command::dot:
            on_dot(expected.recipient, reply);
            break;
        case Command::lone_dot:
            break;
        case Command::quit:
            state_ = State::closed;
            last_event_ = Finished{};
            break;
    }
    if (reply.code == 421 && state_ != State::closed)
        give_up(Unusable::Reason::closing, phase_of(expected.command), reply);
}

void ClientSession::on_unexpected_reply(const Reply& reply) {
    if (reply.code == 421) return give_up(Unusable::Reason::closing, phase(), reply);
    if (state_ == State::body) return on_early_reply(reply);
    nonsense(phase(), reply);
}

void ClientSession::send_command(Command command, std::string_view line, std::size_t recipient) {
    output_ += line;
    output_ += "\r\n";
    pending_.push_back({command, recipient});
}

Phase ClientSession::phase_of(Command command) {
    switch (command) {
        case Command::greeting:
            return Phase::greeting;
        case Command::ehlo:
        case Command::helo:
            return Phase::hello;
        case Command::starttls:
            return Phase::starttls;
        case Command::auth:
            return Phase::auth;
        case Command::rset:
            return Phase::reset;
        case Command::mail:
            return Phase::mail;
        case Command::rcpt:
            return Phase::rcpt;
        case Command::data:
            return Phase::data;
        case Command::bdat:
            return Phase::body;
        case Command::dot:
        case Command::lone_dot:
            return Phase::dot;
        case Command::quit:
            return Phase::quit;
    }
    return Phase::idle;
}

Phase ClientSession::phase() const {
    if (!pending_.empty()) return phase_of(pending_.front().command);
    switch (state_) {
        case State::tls:
            return Phase::starttls;
        case State::auth:
            return Phase::auth;
        case State::body:
            return Phase::body;
        default:
            return Phase::idle;
    }
}

// The end of the connection's use. Whoever has no final word yet stays queued; after the dot the
// peer may have taken the message all the same.
void ClientSession::give_up(Unusable::Reason reason, Phase where, const Reply& reply) {
    if (state_ == State::closed) return;
    if (state_ == State::quitting) {
        state_ = State::closed;
        last_event_ = Finished{};
        return;
    }
    const bool in_transaction =
        state_ == State::envelope || state_ == State::body || state_ == State::dot;
    if (in_transaction) {
        for (std::size_t i = 0; i < recipients_.size(); ++i) {
            const bool in_doubt =
                state_ == State::dot && recipients_[i].state == RecipientState::accepted;
            recipient_done(i, Outcome::temporary, where, reply, in_doubt);
        }
        finish_transaction(true);
    }
    pending_.clear();
    state_ = State::closed;
    last_event_ = Unusable{reason, where, reply};
}

// A peer that does not keep to the protocol cannot be understood any further.
void ClientSession::nonsense(Phase where, const Reply& reply) {
    give_up(Unusable::Reason::nonsense, where, reply);
}

void ClientSession::quit() {
    if (state_ != State::ready && state_ != State::auth) return;
    state_ = State::quitting;
    send_command(Command::quit, "QUIT");
}

void ClientSession::on_timeout() {
    const std::string text = "timeout in phase " + std::string(to_word(phase()));
    give_up(Unusable::Reason::timeout, phase(), Reply(0, {4, 4, 2}, text));
}

void ClientSession::on_disconnect(const std::string& what) {
    give_up(Unusable::Reason::lost, phase(), Reply(0, {4, 4, 2}, what));
}

std::string ClientSession::take_output() {
    return std::exchange(output_, {});
}

std::string ClientSession::banner() const {
    std::string text;
    for (const std::string& line : greeting_.lines) {
        if (!text.empty()) text += ' ';
        text += line;
    }
    return text;
}

}  // namespace sluice::smtp
