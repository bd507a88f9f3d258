// AUTH (RFC 4954 section 4). Mechanisms and passwords are the shell's.
#include <algorithm>

#include "base/bytes.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_auth(std::string_view argument) {
    rest_is_early_ = true;
    after_auth_ = true;
    if (settings_->auth_mechanisms.empty() && settings_->auth_without_tls.empty())
        return send(replies::not_implemented("AUTH"));
    if (hello_name_.empty()) return send(replies::no_hello());
    const std::vector<std::string> offered = auth_mechanisms();
    if (offered.empty() && !tls_) return send(replies::tls_required());
    if (authenticated_) return send(replies::auth_already_done());
    if (in_transaction_) return send(replies::transaction_under_way("AUTH"));
    if (input_follows_ && settings_->refuse_early_pipelining)
        return send(replies::pipelined_too_early());
    const auto words = split_words(argument);
    if (words.empty() || words.size() > 2) return bad_argument(replies::syntax_error());
    const auto find = [&](const std::vector<std::string>& names) {
        return std::find_if(names.begin(), names.end(), [&](const auto& name) {
            return equals_ignoring_case(name, words[0]);
        });
    };
    const auto mechanism = find(offered);
    if (mechanism == offered.end()) {
        const auto& inside = settings_->auth_mechanisms;
        const bool needs_tls = !tls_ && find(inside) != inside.end();
        return send(needs_tls ? replies::auth_needs_tls() : replies::auth_unknown_mechanism());
    }
    AskAuth question{*mechanism, std::nullopt};
    if (words.size() == 2) question.initial_response = std::string(words[1]);
    ask(Question::auth, std::move(question));
}

std::vector<std::string> ServerSession::auth_mechanisms() const {
    if (!tls_) return settings_->auth_without_tls;
    std::vector<std::string> names = settings_->auth_mechanisms;
    std::erase_if(names, [&](const std::string& name) {
        return (name.ends_with("-PLUS") && !auth_abilities_.channel_binding) ||
               (name == "EXTERNAL" && !auth_abilities_.certificate);
    });
    return names;
}

void ServerSession::auth_line(std::string_view line) {
    state_ = State::command;
    reader_.set_limit(settings_->extended_command_line - 2);
    ask(Question::auth, AuthResponse{std::string(line)});
}

void ServerSession::on_auth_answer(const Reply& reply) {
    send(reply);
    if (reply.is_intermediate()) {
        reader_.set_limit(settings_->auth_line - 2);
        state_ = State::auth;
    } else if (reply.is_positive()) {
        authenticated_ = true;
        after_auth_ = false;
    } else if (reply.code == 535) {
        ++bad_auths_;
        const auto& limit = settings_->disconnect_bad_auth;
        if (limit && bad_auths_ >= *limit)
            close_with(replies::too_many_bad_auths(), CloseReason::bad_auth);
    }
}

}  // namespace sluice::smtp
