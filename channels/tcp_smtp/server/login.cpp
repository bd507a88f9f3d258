#include "login.h"

#include "auth/base64.h"
#include "auth/server_exchange.h"
#include "base/bytes.h"
#include "base/log.h"

namespace sluice::smtp_server {

LoginDesk::LoginDesk(const config::Configuration& configuration)
    : authenticator(configuration),
      guesses(configuration.tailor.path(config::TailorEntry::run) + "guesses") {
    if (!guesses.fault().empty())
        diag::warning("failed log-ins are counted for this process alone: " + guesses.fault());
}

Login::Login(
    LoginDesk& desk,
    const auth::RuleSet& rules,
    std::string mechanism,
    auth::Circumstances circumstances
)
    : desk_(desk),
      mechanism_(std::move(mechanism)),
      circumstances_(std::move(circumstances)),
      sources_(rules.sources) {
    // RFC 5802 section 6: a client that could bind to TLS and was not offered to says so. Where it
    // was offered, somebody in between has taken the offer away, and the exchange fails.
    const bool was_offered = auth::contains(rules.with_tls, mechanism_ + "-PLUS");
    if (!auth::is_bound(mechanism_) && !was_offered) circumstances_.exporter.clear();
}

Login::~Login() {
    leave();
}

bool Login::enter() {
    entered_ = desk_.under_way.fetch_add(1) < LoginDesk::most_under_way;
    if (!entered_) desk_.under_way.fetch_sub(1);
    return entered_;
}

void Login::leave() {
    if (std::exchange(entered_, false)) desk_.under_way.fetch_sub(1);
}

std::int64_t Login::now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               system_clock().wall_now().time_since_epoch()
    )
        .count();
}

auth::GuessTable::Toll Login::charge() {
    const auth::GuessTable::Toll toll = desk_.guesses.table().charge(
        auth::guess_key(circumstances_.remote.address), now(), desk_.authenticator.guesses()
    );
    charged_ = !toll.refused;
    return toll;
}

auth::Step Login::step(const std::optional<auth::Secret>& response) {
    try {
        if (exchange_) return exchange_->respond(response.value_or(auth::Secret()));
        exchange_ = auth::begin_exchange(mechanism_, circumstances_, sources_);
        if (!exchange_) return auth::Step::unavailable({}, "nobody does " + mechanism_);
        return exchange_->start(response);
    } catch (const std::exception& problem) {
        return auth::Step::unavailable({}, problem.what());
    }
}

void Login::forgive() {
    if (!std::exchange(charged_, false)) return;
    desk_.guesses.table().clear(
        auth::guess_key(circumstances_.remote.address), now(), desk_.authenticator.guesses()
    );
}

// Known or not: the name alone decides, so that the time says nothing about it.
std::chrono::milliseconds Login::note_failure(const std::string& user) {
    if (user.empty()) return {};
    auth::GuessTable::Policy policy = desk_.authenticator.guesses();
    policy.refused_after = 0;  // or anybody could lock a user out
    return desk_.guesses.table().charge(auth::guess_key(user), now(), policy).delay;
}

std::optional<auth::Secret> decode_response(const std::string& text, bool initial) {
    if (initial && text == "=") return auth::Secret();
    auto octets = auth::from_base64(text);
    if (!octets) return std::nullopt;
    return auth::Secret(std::move(*octets));
}

}  // namespace sluice::smtp_server
