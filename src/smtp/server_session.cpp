#include "smtp/server_session.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

struct ServerSession::Verb {
    std::string_view name;
    void (ServerSession::*run)(std::string_view);
    bool takes_argument = true;
    bool is_extended = false;  // may be longer than the 512 octets of RFC 5321
};

const ServerSession::Verb* ServerSession::find_verb(std::string_view name) {
    static constexpr std::array verbs{
        Verb{"RCPT", &ServerSession::cmd_rcpt, true, true},
        Verb{"MAIL", &ServerSession::cmd_mail, true, true},
        Verb{"DATA", &ServerSession::cmd_data, false},
        Verb{"BDAT", &ServerSession::cmd_bdat},
        Verb{"EHLO", &ServerSession::cmd_ehlo},
        Verb{"HELO", &ServerSession::cmd_helo},
        Verb{"LHLO", &ServerSession::cmd_lhlo},
        Verb{"QUIT", &ServerSession::cmd_quit, false},
        Verb{"RSET", &ServerSession::cmd_rset, false},
        Verb{"NOOP", &ServerSession::cmd_noop},
        Verb{"HELP", &ServerSession::cmd_help},
        Verb{"VRFY", &ServerSession::cmd_vrfy, true, true},
        Verb{"EXPN", &ServerSession::cmd_expn, true, true},
        Verb{"ETRN", &ServerSession::cmd_etrn},
        Verb{"QSND", &ServerSession::cmd_qsnd},
        Verb{"AUTH", &ServerSession::cmd_auth, true, true},
        Verb{"STARTTLS", &ServerSession::cmd_starttls, false},
        Verb{"XADR", &ServerSession::cmd_xadr, true, true},
        Verb{"XSTA", &ServerSession::cmd_xsta},
        Verb{"XCIR", &ServerSession::cmd_xcir},
        Verb{"XGEN", &ServerSession::cmd_xgen},
        Verb{"SEND", &ServerSession::cmd_send, true, true},
        Verb{"SOML", &ServerSession::cmd_send, true, true},
        Verb{"SAML", &ServerSession::cmd_send, true, true},
        Verb{"TURN", &ServerSession::cmd_turn},
        Verb{"ATRN", &ServerSession::cmd_atrn},
    };
    const auto* found = std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) {
        return equals_ignoring_case(verb.name, name);
    });
    return found == verbs.end() ? nullptr : &*found;
}

ServerSession::ServerSession(std::shared_ptr<const ServerSettings> settings)
    : settings_(std::move(settings)),
      reader_(settings_->line_endings, settings_->extended_command_line - 2) {}

void ServerSession::greet() {
    assert(state_ == State::greeting);
    const std::string version = settings_->custom_version.value_or(
        settings_->version.empty() ? settings_->product
                                   : settings_->product + ' ' + settings_->version
    );
    const std::string_view protocol = settings_->lmtp ? "LMTP" : "ESMTP";
    send(Reply(
        220, settings_->host + " -- Server " + std::string(protocol) + " (" + version + ')' +
                 settings_->banner_addition
    ));
    state_ = State::command;
}

void ServerSession::refuse(const Reply& reply, CloseReason reason) {
    assert(state_ == State::greeting);
    close_with(reply, reason);
}

ServerAction ServerSession::feed(std::string_view& input) {
    while (true) {
        if (auto event = next_event()) return *std::move(event);
        switch (state_) {
            case State::closed:
                return Close{close_reason_};
            case State::answer:
            case State::tls:
                return AwaitAnswer{};
            case State::data:
            case State::chunk: {
                const State before = state_;
                auto action = before == State::data ? feed_data(input) : feed_chunk(input);
                if (action) return *std::move(action);
                if (state_ == before && events_.empty()) return NeedInput{};
                break;
            }
            case State::greeting:
            case State::command:
            case State::auth:
                if (output_.size() >= settings_->output_ceiling) return Flush{};
                if (state_ == State::greeting || !read_command(input)) return NeedInput{};
                break;
        }
    }
}

std::optional<ServerAction> ServerSession::next_event() {
    if (events_.empty()) return std::nullopt;
    ServerAction event = std::move(events_.front());
    events_.erase(events_.begin());
    return event;
}

// Reads and handles one line; false when there is none yet.
bool ServerSession::read_command(std::string_view& input) {
    const std::size_t before = input.size();
    const auto line = reader_.next(input);
    const bool is_early = early_octets_ > 0 || partial_is_early_;
    early_octets_ -= std::min(early_octets_, before - input.size());
    if (reader_.swallowed() > settings_->command_discard_ceiling) {
        close_with(replies::endless_input(), CloseReason::endless_input);
        return true;
    }
    partial_is_early_ = !line && is_early && reader_.has_partial_line();
    if (!line) return false;
    input_follows_ = !input.empty();
    if (is_early) {
        // The text is not for the log: after AUTH it may be a password.
        bad_command("(sent too early)", replies::pipelined_too_early());
        return true;
    }
    handle_line(*line);
    if (std::exchange(rest_is_early_, false) && settings_->refuse_early_pipelining)
        early_octets_ = input.size();
    if (std::exchange(drop_rest_, false)) input = {};
    return true;
}

void ServerSession::handle_line(const LineReader::Line& line) {
    if (state_ == State::auth && line.kind == LineReader::Kind::complete)
        return auth_line(line.text);
    if (state_ == State::auth) {
        state_ = State::command;
        reader_.set_limit(settings_->extended_command_line - 2);
        return bad_command("AUTH", replies::line_too_long());
    }
    switch (line.kind) {
        case LineReader::Kind::complete:
            return handle_command(line.text);
        case LineReader::Kind::too_long:
            return bad_command(line.text, replies::line_too_long());
        case LineReader::Kind::bare_line_end:
            return bad_command(line.text, replies::bad_line_end());
    }
}

void ServerSession::handle_command(std::string_view line) {
    const CommandLine command = split_command(line);
    const Verb* verb = find_verb(command.verb);
    if (verb != nullptr && verb->run != &ServerSession::cmd_auth) after_auth_ = false;
    const std::size_t limit = verb != nullptr && verb->is_extended
                                  ? settings_->extended_command_line
                                  : settings_->command_line;
    if (line.size() + 2 > limit) return bad_command(line, replies::line_too_long());
    if (auto reply = line_fault(line)) return bad_command(line, *reply);
    if (verb == nullptr) {
        const auto& hostile = settings_->hostile_commands;
        const bool is_hostile = std::any_of(hostile.begin(), hostile.end(), [&](const auto& name) {
            return equals_ignoring_case(name, command.verb);
        });
        return bad_command(
            line, replies::unknown_command(after_auth_ ? not_shown : command.verb),
            is_hostile ? Fault::hostile : Fault::unknown
        );
    }
    if (!verb->takes_argument && !command.argument.empty())
        return bad_command(line, replies::syntax_error());
    current_line_ = line;
    (this->*verb->run)(command.argument);
    current_line_ = {};
}

std::optional<Reply> ServerSession::line_fault(std::string_view line) const {
    const auto is_bad = [](char c) { return is_control(c) && c != '\t'; };
    if (std::any_of(line.begin(), line.end(), is_bad)) return replies::control_character();
    if (!is_ascii(line) && !settings_->smtputf8) return replies::eight_bit_command();
    return std::nullopt;
}

void ServerSession::answer(const Reply& reply) {
    if (state_ != State::answer) return;  // closed meanwhile
    state_ = State::command;
    const Question question = std::exchange(question_, Question::none);
    dispatch_answer(question, reply);
    if (state_ == State::closed) return;
    if (peer_gone_)
        close(CloseReason::disconnect);
    else if (reply.code == 421)
        close(CloseReason::answer_421);
    else if (shutting_down_ && state_ == State::command)
        close_with(replies::shutting_down(), CloseReason::shutdown);
}

void ServerSession::answer_and_close(const Reply& reply) {
    answer(reply);
    if (state_ != State::closed && state_ != State::greeting) close(CloseReason::answer_421);
}

void ServerSession::dispatch_answer(Question question, const Reply& reply) {
    switch (question) {
        case Question::mail:
            return on_mail_answer(reply);
        case Question::recipient:
            return on_recipient_answer(reply);
        case Question::begin_data:
            return on_begin_data_answer(reply);
        case Question::begin_chunks:
            return on_begin_chunks_answer(reply);
        case Question::end_data:
            return on_end_data_answer(reply);
        case Question::auth:
            return on_auth_answer(reply);
        case Question::verify:
            send(reply);
            answers_in_utf8_ = false;
            return;
        case Question::other:
        case Question::none:
            return send(reply);
    }
}

void ServerSession::tls_started() {
    if (state_ != State::tls) return;  // closed meanwhile
    reader_.clear();
    hello_name_.clear();
    esmtp_ = false;
    authenticated_ = false;
    auth_abilities_ = {};
    tls_ = true;
    state_ = State::command;
}

void ServerSession::tls_failed() {
    if (state_ == State::tls) close(CloseReason::tls_failed);
}

void ServerSession::on_timeout() {
    switch (state_) {
        case State::data:
        case State::chunk:
            return close_with(replies::data_timeout(), CloseReason::timeout);
        case State::tls:
            return close(CloseReason::timeout);
        case State::greeting:
        case State::command:
        case State::auth:
            return close_with(replies::command_timeout(), CloseReason::timeout);
        case State::answer:
        case State::closed:
            return;
    }
}

void ServerSession::on_shutdown() {
    shutting_down_ = true;
    switch (state_) {
        case State::greeting:
        case State::command:
        case State::auth:
            return close_with(replies::shutting_down(), CloseReason::shutdown);
        case State::tls:
            return close(CloseReason::shutdown);
        case State::data:
        case State::chunk:
        case State::answer:
        case State::closed:
            return;
    }
}

void ServerSession::on_disconnect() {
    peer_gone_ = true;
    const bool is_committing = state_ == State::answer && question_ == Question::end_data;
    if (state_ != State::closed && !is_committing) close(CloseReason::disconnect);
}

std::string ServerSession::take_output() {
    return std::exchange(output_, {});
}

ServerSession::Waiting ServerSession::waiting() const {
    switch (state_) {
        case State::greeting:
        case State::closed:
            return Waiting::nothing;
        case State::command:
        case State::auth:
            return Waiting::command;
        case State::answer:
            return Waiting::answer;
        case State::data:
        case State::chunk:
            return Waiting::data;
        case State::tls:
            return Waiting::tls;
    }
    return Waiting::nothing;
}

void ServerSession::change_settings(std::shared_ptr<const ServerSettings> settings) {
    settings_ = std::move(settings);
}

}  // namespace sluice::smtp
