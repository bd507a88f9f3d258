// Logging in at the next host (RFC 4954).
#include "auth/base64.h"
#include "base/log.h"
#include "peer_session.h"

namespace sluice::tcp_client {

using namespace smtp::client_event;
using smtp::ClientEvent;

namespace {

/// "AUTH PLAIN AGFteQ…"; "=" is an initial response of nothing.
std::string first_line(const std::string& mechanism, const std::optional<std::string>& initial) {
    if (!initial) return "AUTH " + mechanism;
    return "AUTH " + mechanism + ' ' + (initial->empty() ? "=" : auth::to_base64(*initial));
}

/// The octets of a challenge; nullopt: it is none.
std::optional<std::string> challenge_of(const smtp::Reply& reply) {
    if (reply.code != 334) return std::nullopt;
    return auth::from_base64(reply.lines.empty() ? std::string() : reply.lines[0]);
}

}  // namespace

// Without a password for the host, or without TLS, nothing is begun: the session goes on where the
// channel does not insist.
ClientEvent PeerSession::log_in() {
    const auto give_up = [this](const std::string& why) {
        if (traces_) diag::info(dns_host_ + " not logged in: " + why);
        if (context_.session->auth == smtp::ClientSettings::Need::must) {
            session_.auth_failed("authentication is demanded: " + why);
        } else {
            session_.auth_finished(false);
        }
        return advance();
    };
    if (!tls_ && !context_.options.client_auth_without_tls) return give_up("there is no TLS");
    auto credentials = context_.credentials_for(destination_, dns_host_);
    if (!credentials) return give_up(credentials.error().detail());
    const std::string binding = tls_ ? tls_->exporter : std::string();
    const std::string mechanism =
        auth::choose_mechanism(session_.capabilities().auth, !binding.empty());
    if (mechanism.empty()) return give_up("it has no mechanism that we have");
    auto exchange = auth::begin_client_exchange(mechanism, std::move(*credentials), binding);
    if (!exchange) return give_up("mechanism " + mechanism + " cannot be begun");
    return exchange_words(mechanism, *exchange);
}

ClientEvent PeerSession::exchange_words(
    const std::string& mechanism, auth::ClientExchange& exchange
) {
    session_.auth_command(first_line(mechanism, exchange.initial()));
    while (true) {
        ClientEvent event = advance();
        const auto* said = std::get_if<AuthReply>(&event);
        if (said == nullptr) return event;
        if (said->reply.is_positive() && exchange.is_satisfied()) {
            session_.auth_finished(true);
            return advance();
        }
        if (!said->reply.is_intermediate()) {
            // Whoever says yes and cannot show that it knows the password is not who we want.
            session_.auth_failed(
                said->reply.is_positive() ? "the server has not shown who it is"
                                          : "authentication failed: " + said->reply.to_text()
            );
            return advance();
        }
        const auto challenge = challenge_of(said->reply);
        const auto response = challenge ? exchange.respond(*challenge) : std::nullopt;
        if (response) {
            session_.auth_command(auth::to_base64(*response));
            continue;
        }
        session_.auth_command("*");
        (void)advance();  // it agrees, whatever it says
        session_.auth_failed("authentication failed: the challenge is not what it should be");
        return advance();
    }
}

}  // namespace sluice::tcp_client
