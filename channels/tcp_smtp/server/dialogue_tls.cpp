// TLS: when it is offered, and what changes once it is there. The handshake is the shell's.
#include "base/log.h"
#include "dialogue.h"
#include "policy/source_channel.h"

namespace sluice::smtp_server {

void Dialogue::offer_tls() {
    if (tls_) {
        core_->begin_in_tls();
    } else if (core_->settings().starttls) {
        core_->set_tls_available(context_.tls.current(system_clock().mono_now()) != nullptr);
    }
}

void Dialogue::begin_in_tls(tls::Facts facts) {
    take_tls(std::move(facts));
}

void Dialogue::on_tls(tls::Facts facts) {
    core_->tls_started();
    take_tls(std::move(facts));
    note_auth_abilities();
    // What the client called itself in the clear is forgotten: filters hear the new name.
    told_hello_.clear();
    if (filters_) tell_filters_tls();
    switch_source(tls_source(*source_));
}

void Dialogue::on_tls_failed(std::string_view why) {
    abandoned_ = "TLS handshake failed: " + std::string(why);
    trace_.note(abandoned_);
    core_->tls_failed();
}

void Dialogue::take_tls(tls::Facts facts) {
    tls_ = std::make_unique<const tls::Facts>(std::move(facts));
    log_.set_tls(tls::info_text(*tls_));
    std::string note = "TLS: " + tls::info_text(*tls_);
    if (tls_->resumed) note += ", resumed";
    if (!tls_->server_name.empty()) note += ", for " + tls_->server_name;
    if (tls_->peer) {
        note += ", client certificate " + tls_->peer->subject;
        if (!tls_->peer->verified) note += " not verified: " + tls_->peer->fault;
    }
    trace_.note(note);
}

void Dialogue::tell_filters_tls() {
    if (!tls_) return;
    milter::Macros macros;
    macros.set("{tls_version}", tls_->version);
    macros.set("{cipher}", tls_->cipher);
    macros.set("{cipher_bits}", std::to_string(tls_->bits));
    if (tls_->peer && tls_->peer->verified) {
        macros.set("{cert_subject}", tls_->peer->subject);
        macros.set("{cert_issuer}", tls_->peer->issuer);
    }
    filters_->set_tls(std::move(macros));
}

const channel::Channel& Dialogue::tls_source(const channel::Channel& source) const {
    return policy::switched_source_channel(
        context_.configuration(), source, policy::SwitchReason::tls
    );
}

void Dialogue::switch_source(const channel::Channel& source) {
    if (&source == source_) return;
    source_ = &source;
    enter_channel();
    core_->change_settings(context_.protocol_of(source, admission_));
    short_of_patience_ = false;  // these know nothing of it: the next bad command tells
    trace_.note("channel " + source.name());
}

}  // namespace sluice::smtp_server
