// AUTH: the exchange with the client, what guesses cost, and what a log-in changes.
#include "access/other_tables.h"
#include "auth/base64.h"
#include "base/log.h"
#include "dialogue.h"
#include "policy/recipient.h"
#include "policy/source_channel.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

using namespace smtp::server_action;
using std::chrono::milliseconds;

namespace {

/// What filters for log files of failed log-ins look for (fail2ban's oracleims among them): of a
/// user who is not there it is the same. The true reason is for the server's own log.
std::string_view reason_for_log(const auth::Step& step) {
    if (step.reason == "No such user") return "Bad password";
    return step.reason;
}

}  // namespace

auth::Circumstances Dialogue::login_circumstances() const {
    auth::Circumstances known;
    known.encrypted = core_->is_tls();
    if (tls_) {
        known.exporter = tls_->exporter;
        known.certificate_user = auth::user_of_certificate(*tls_);
    }
    known.local = peer_.local;
    known.remote = peer_.remote;
    known.server_name = core_->settings().host;
    known.domain = context_.configuration().local_host();
    return known;
}

void Dialogue::note_auth_abilities() {
    if (!tls_) return;
    core_->set_auth_abilities({!tls_->exporter.empty(), !auth::user_of_certificate(*tls_).empty()});
}

void Dialogue::ask_auth(AskAuth ask) {
    const auth::RuleSet& rules = context_.login_desk.authenticator.rules_of(admission_.rule_set);
    login_ = std::make_shared<Login>(
        context_.login_desk, rules, std::move(ask.mechanism), login_circumstances()
    );
    std::optional<auth::Secret> initial;
    if (ask.initial_response) {
        initial = decode_response(*ask.initial_response, true);
        auth::wipe(*ask.initial_response);
        if (!initial) return end_login(smtp::replies::auth_malformed(), {}, "not base64");
    }
    const auth::GuessTable::Toll toll = login_->charge();
    if (toll.refused)
        return end_login(smtp::replies::auth_too_many_failures(), {}, "Too many failures");
    // Before anything is checked: who is slowed down afterwards does not wait to hear it.
    pause_ = toll.delay;
    auto begin = [this, initial = std::move(initial)] { step_login(initial); };
    if (pause_.count() == 0) return begin();
    after_pause_ = std::move(begin);
}

void Dialogue::take_auth_response(AuthResponse response) {
    if (response.response == "*") {
        login_->forgive();
        return end_login(smtp::replies::auth_cancelled(), {}, "Cancelled");
    }
    auto octets = decode_response(response.response, false);
    auth::wipe(response.response);
    if (!octets) return end_login(smtp::replies::auth_malformed(), {}, "not base64");
    step_login(std::move(octets));
}

void Dialogue::step_login(std::optional<auth::Secret> response) {
    if (!login_->enter()) {
        login_->forgive();
        return end_login(smtp::replies::auth_unavailable(), {}, "Too many log-ins under way");
    }
    auto step = std::make_shared<auth::Step>();
    start_task(
        [login = login_, step, response = std::move(response)] { *step = login->step(response); },
        [this, step] {
            if (login_ == nullptr) return;  // the session ended meanwhile
            login_->leave();
            take_login_step(std::move(*step));
        },
        TaskLane::login
    );
}

void Dialogue::take_login_step(auth::Step step) {
    switch (step.kind) {
        case auth::Step::Kind::challenge:
            return answer(smtp::Reply(334, auth::to_base64(step.octets)));
        case auth::Step::Kind::success:
            return check_login(std::move(step.identity));
        case auth::Step::Kind::refused: {
            trace_.note("log-in refused: " + step.reason);
            const milliseconds delay = login_->note_failure(step.identity.user);
            return end_login(
                smtp::replies::auth_failed(), step.identity.user, reason_for_log(step), delay
            );
        }
        case auth::Step::Kind::malformed:
            return end_login(smtp::replies::auth_malformed(), step.identity.user, step.reason);
        case auth::Step::Kind::unavailable:
            diag::warning("nobody can log in by " + login_->mechanism() + " now: " + step.reason);
            login_->forgive();
            return end_login(
                smtp::replies::auth_unavailable(), step.identity.user, "Not available"
            );
    }
}

// AUTH_ACCESS has the last word about who may.
void Dialogue::check_login(auth::Identity who) {
    consult<access::Verdict>(
        [this, who](mapping::Answers& outside) {
            const config::Configuration& configuration = context_.configuration();
            const access::Options options = policy::access_options(configuration);
            return access::check_auth(
                {configuration.mappings, options, outside, nullptr}, access_session(),
                login_->mechanism(), who.user, source_->name()
            );
        },
        [this, who](const access::Verdict& verdict) { finish_login(who, verdict); }
    );
}

void Dialogue::finish_login(const auth::Identity& who, const access::Verdict& verdict) {
    if (login_ == nullptr) return;  // the session ended meanwhile
    take_effects(verdict);
    login_->forgive();
    const milliseconds delay = verdict.delay ? verdict.delay->pause : milliseconds(0);
    if (verdict.refused())
        return end_login(reply_of(verdict.reply), who.user, "AUTH_ACCESS", delay);
    identity_ = who;
    log_.set_user('*' + who.user);
    trace_.note("logged in as " + who.user + ", " + who.mail);
    const smtp::Reply reply = smtp::replies::auth_succeeded(login_->mechanism());
    log_.login(*core_, who.user, reply, {}, login_->mechanism());
    login_.reset();
    switch_source(policy::switched_source_channel(
        context_.configuration(), *source_, policy::SwitchReason::authentication
    ));
    answer(reply, delay);
}

void Dialogue::end_login(
    const smtp::Reply& reply, const std::string& user, std::string_view reason, milliseconds delay
) {
    const std::string mechanism = login_ ? login_->mechanism() : std::string();
    log_.login(*core_, user, reply, reason, mechanism);
    login_.reset();
    answer(reply, delay);
}

const auth::Identity* Dialogue::identity() const {
    return identity_ && core_->is_authenticated() ? &*identity_ : nullptr;
}

std::string Dialogue::authenticated_mail() const {
    const auth::Identity* who = identity();
    return who != nullptr ? who->mail : std::string();
}

}  // namespace sluice::smtp_server
