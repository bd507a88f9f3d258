#include "rewrite/conditions.h"

#include "base/bytes.h"

namespace sluice::rewrite {

void Conditions::note(TokenKind kind) {
    switch (kind) {
        case TokenKind::envelope:
            kind_.add(context_.envelope);
            break;
        case TokenKind::header:
            kind_.add(!context_.envelope);
            break;
        case TokenKind::forward:
            direction_.add(context_.forward);
            break;
        case TokenKind::backward:
            direction_.add(!context_.forward);
            break;
        case TokenKind::at_position:
            place_.add(position_ == Position::at);
            break;
        case TokenKind::percent_position:
            place_.add(position_ == Position::percent);
            break;
        case TokenKind::route_position:
            place_.add(position_ == Position::route);
            break;
        case TokenKind::bang_position:
            place_.add(position_ == Position::bang);
            break;
        case TokenKind::reprocessing:
            sources_.add(context_.source.is_reprocessing);
            break;
        case TokenKind::not_reprocessing:
            source_excluded_ = source_excluded_ || context_.source.is_reprocessing;
            break;
        default:
            break;
    }
}

void Conditions::note_channel(TokenKind kind, std::string_view channel) {
    const bool is_source = equals_ignoring_case(channel, context_.source.name);
    if (kind == TokenKind::source_is) sources_.add(is_source || context_.source.no_rules);
    if (kind == TokenKind::source_is_not && !context_.source.no_rules) {
        source_excluded_ = source_excluded_ || is_source;
    }
    // While a recipient itself is rewritten its destination is not known yet.
    const bool is_recipient = context_.envelope && context_.forward;
    if (is_recipient || !context_.destination || context_.destination->no_rules) return;
    const bool is_destination = equals_ignoring_case(channel, context_.destination->name);
    if (kind == TokenKind::destination_is) destinations_.add(is_destination);
    if (kind == TokenKind::destination_is_not) {
        destination_excluded_ = destination_excluded_ || is_destination;
    }
}

void Conditions::note_locality(TokenKind kind, bool is_local) {
    if (is_local != (kind == TokenKind::domain_is_local)) wrong_locality_ = true;
}

bool Conditions::channels_hold() const {
    return sources_.hold() && !source_excluded_ && destinations_.hold() && !destination_excluded_;
}

void Conditions::forget_channels() {
    sources_ = {};
    destinations_ = {};
    source_excluded_ = false;
    destination_excluded_ = false;
}

Unmet Conditions::unmet() const {
    if (!kind_.hold()) return Unmet::kind;
    if (!direction_.hold()) return Unmet::direction;
    if (!place_.hold()) return Unmet::place;
    if (!sources_.hold()) return Unmet::source;
    if (source_excluded_) return Unmet::source_excluded;
    if (!destinations_.hold()) return Unmet::destination;
    if (destination_excluded_) return Unmet::destination_excluded;
    if (wrong_locality_) return Unmet::locality;
    return Unmet::nothing;
}

std::string explain(Unmet unmet, const Context& context, Position position) {
    const std::string source(context.source.name);
    const std::string destination(context.destination ? context.destination->name : "");
    switch (unmet) {
        case Unmet::nothing:
            break;
        case Unmet::kind:
            return context.envelope ? "not a header address ($B)" : "not an envelope address ($E)";
        case Unmet::direction:
            return context.forward ? "not an originator ($R)" : "not a recipient ($F)";
        case Unmet::place:
            return "the host is at position " + std::string(to_string(position)) +
                   " of the address ($A $P $S $X)";
        case Unmet::source:
            return "the source channel is " + source + " ($M)";
        case Unmet::source_excluded:
            return "the source channel is " + source + " ($N)";
        case Unmet::destination:
            return "the destination channel is " + destination + " ($Q)";
        case Unmet::destination_excluded:
            return "the destination channel is " + destination + " ($C)";
        case Unmet::locality:
            return "locality of the domain ($V $Z)";
    }
    return {};
}

}  // namespace sluice::rewrite
