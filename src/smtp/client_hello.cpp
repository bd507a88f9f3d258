// From the greeting to the point where messages can be sent.
#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "smtp/client_session.h"

namespace sluice::smtp {

using namespace client_event;

void ClientSession::on_greeting(const Reply& reply) {
    greeting_ = reply;
    if (reply.is_positive()) return say_hello(wants_ehlo(reply));
    if (reply.is_intermediate()) return nonsense(Phase::greeting, reply);
    give_up(Unusable::Reason::refused, Phase::greeting, reply);
}

bool ClientSession::wants_ehlo(const Reply& greeting) const {
    const auto says = [&](std::string_view words) {
        return std::any_of(greeting.lines.begin(), greeting.lines.end(), [&](const auto& line) {
            return to_upper(line).find(words) != std::string::npos;
        });
    };
    if (settings_->protocol == ClientSettings::Protocol::lmtp) return true;
    switch (settings_->hello) {
        case ClientSettings::Hello::by_default:
            return !says("FIRE AWAY");
        case ClientSettings::Hello::ehlo:
            return true;
        case ClientSettings::Hello::check_banner:
            return says("ESMTP");
        case ClientSettings::Hello::never_ehlo:
            return false;
    }
    return true;
}

void ClientSession::say_hello(bool extended) {
    const bool lmtp = settings_->protocol == ClientSettings::Protocol::lmtp;
    const std::string verb = lmtp ? "LHLO " : extended ? "EHLO " : "HELO ";
    send_command(extended ? Command::ehlo : Command::helo, verb + settings_->host);
}

void ClientSession::on_hello(const Reply& reply, bool extended) {
    if (reply.is_positive()) {
        capabilities_ = extended ? Capabilities::parse(reply) : Capabilities();
        return after_hello();
    }
    if (reply.is_intermediate()) return nonsense(Phase::hello, reply);
    const bool lmtp = settings_->protocol == ClientSettings::Protocol::lmtp;
    if (extended && reply.is_permanent() && !lmtp) return say_hello(false);
    give_up(Unusable::Reason::refused, Phase::hello, reply);
}

void ClientSession::after_hello() {
    if (tls_ || settings_->tls == ClientSettings::Need::never) return after_tls();
    if (capabilities_.starttls) return send_command(Command::starttls, "STARTTLS");
    if (settings_->tls == ClientSettings::Need::may) return after_tls();
    const Reply reply(0, {4, 7, 10}, "TLS is required and not offered");
    give_up(Unusable::Reason::no_tls, Phase::starttls, reply);
}

// Octets behind the 220 came in the clear: somebody in between would have them taken for replies
// inside TLS (RFC 3207 section 5).
void ClientSession::on_starttls(const Reply& reply, std::string_view& input) {
    if (reply.is_positive()) {
        if (!input.empty())
            return nonsense(
                Phase::starttls, Reply(0, {4, 5, 0}, "octets before the TLS handshake")
            );
        state_ = State::tls;
        events_.emplace_back(StartTls{});
    } else if (settings_->tls == ClientSettings::Need::may && reply.code != 421) {
        after_tls();
    } else {
        give_up(Unusable::Reason::no_tls, Phase::starttls, reply);
    }
}

void ClientSession::tls_started() {
    assert(state_ == State::tls);
    tls_ = true;
    authenticated_ = false;
    reader_.clear();
    capabilities_ = Capabilities();
    state_ = State::hello;
    say_hello(true);
}

void ClientSession::tls_failed(const std::string& why) {
    give_up(Unusable::Reason::bad_tls, Phase::starttls, Reply(0, {4, 7, 5}, why));
}

void ClientSession::after_tls() {
    if (settings_->auth != ClientSettings::Need::never && !capabilities_.auth.empty()) {
        state_ = State::auth;
        events_.emplace_back(AskAuth{});
        return;
    }
    if (settings_->auth == ClientSettings::Need::must) {
        const Reply reply(0, {4, 7, 0}, "authentication is required and not offered");
        return give_up(Unusable::Reason::no_auth, Phase::auth, reply);
    }
    state_ = State::ready;
    events_.emplace_back(Ready{});
}

void ClientSession::auth_command(std::string_view line) {
    assert(state_ == State::auth && pending_.empty());
    send_command(Command::auth, line);
}

void ClientSession::auth_finished(bool success) {
    if (state_ != State::auth) return;
    if (!success && settings_->auth == ClientSettings::Need::must) {
        const Reply reply(0, {4, 7, 8}, "authentication failed");
        return give_up(Unusable::Reason::no_auth, Phase::auth, reply);
    }
    authenticated_ = success;
    state_ = State::ready;
    events_.emplace_back(Ready{});
}

void ClientSession::auth_failed(const std::string& why) {
    if (state_ != State::auth) return;
    give_up(Unusable::Reason::no_auth, Phase::auth, Reply(0, {4, 7, 8}, why));
}

}  // namespace sluice::smtp
