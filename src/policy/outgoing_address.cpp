#include "policy/outgoing_address.h"

#include "address/address_form.h"
#include "address/domain.h"
#include "channel/keyword.h"
#include "policy/reversal.h"
#include "policy/srs.h"
#include "rewrite/first_host.h"

namespace sluice::policy {

using address::AddressForm;
using channel::Channel;
using channel::Keyword;
using config::OptionId;

namespace {

bool is_forward(AddressKind kind) {
    return kind == AddressKind::envelope_to || kind == AddressKind::header_forward;
}

bool is_header(AddressKind kind) {
    return kind == AddressKind::header_forward || kind == AddressKind::header_backward;
}

AddressForm form_for(const Channel& channel, AddressKind kind) {
    if (channel.has(is_header(kind) ? Keyword::header_733 : Keyword::k733))
        return AddressForm::percent;
    if (channel.has(is_header(kind) ? Keyword::header_uucp : Keyword::uucp))
        return AddressForm::bang;
    return AddressForm::source_route;
}

/// The name by which systems behind the channel know this host.
std::string_view local_name(const config::Configuration& configuration, const Channel& channel) {
    const std::string& alias = channel.local_host_alias();
    return alias.empty() ? configuration.local_host() : std::string_view(alias);
}

std::string with_local_alias(
    const config::Configuration& configuration, const Channel& channel, std::string_view text
) {
    if (channel.local_host_alias().empty()) return std::string(text);
    return address::rename_host(text, configuration.local_host(), channel.local_host_alias());
}

/// Whether the address, which matches the channel `owner`, is to lead through this host.
bool needs_route(const CopyContext& copy, AddressKind kind, const Channel* owner) {
    const config::Options& options = copy.configuration.options;
    if (owner == &copy.destination) return false;
    const auto covers = [&](OptionId forward_too) {
        return !is_forward(kind) || options.integer(forward_too) != 0;
    };
    const bool from_owner =
        owner != nullptr && owner->has(Keyword::exproute) && covers(OptionId::exproute_forward);
    return from_owner ||
           (copy.destination.has(Keyword::improute) && covers(OptionId::improute_forward));
}

std::string with_route(std::string text, std::string_view host) {
    const address::RoutedAddress parts = address::split_route(text);
    if (parts.route.empty()) {
        const std::size_t at = address::find_at(text);
        if (at == std::string::npos || address::same_domain(text.substr(at + 1), host)) return text;
        return '@' + std::string(host) + ':' + text;
    }
    if (address::same_domain(parts.route.front(), host)) return text;
    return '@' + std::string(host) + ',' + text;
}

/// All three keywords: source, destination, and the channel that the sender itself belongs to.
bool wants_srs(const CopyContext& copy, const Channel* owner) {
    return copy.source.has(Keyword::sourcesrs) && copy.destination.has(Keyword::destinationsrs) &&
           owner != nullptr && owner->has(Keyword::addresssrs);
}

Result<std::string> with_srs(const CopyContext& copy, const std::string& text) {
    const address::SrsSettings settings = srs_settings(copy.configuration);
    if (!settings.is_configured()) return text;
    const auto day = day_number(copy.answers);
    const auto wrapped =
        day ? address::srs_encode(settings, address::without_route(text), *day) : std::nullopt;
    if (!wrapped) {
        return Error::temporary(
            {4, 4, 3}, "temporary look-up failure", "sender cannot be wrapped now: " + text
        );
    }
    return *wrapped;
}

}  // namespace

Result<std::string> outgoing_address(
    const CopyContext& copy, AddressKind kind, std::string_view address
) {
    if (address.empty()) return std::string();
    const config::Configuration& configuration = copy.configuration;
    std::string text = complete_address(configuration, copy.source, kind, address, copy.origin);
    // The channel leaves such names alone (nodefaulthost); rewriting would give them the local
    // host.
    if (!rewrite::find_first_host(text, false)) return text;
    auto before = reverse_address(copy, kind, ReversalTime::before_rewriting, std::move(text));
    if (!before) return before;
    text = std::move(*before);
    rewrite::Outcome outcome = rewrite_traced(
        configuration, copy.source, kind, text, copy.answers,
        {TraceEntry::Stage::rewriting, "rewriting ", copy.trace, copy.warnings}, &copy.destination
    );
    const bool taken = outcome.ok() && !split_address(outcome.address).domain.empty();
    if (taken) text = std::move(outcome.address);
    auto after = reverse_address(copy, kind, ReversalTime::after_rewriting, std::move(text));
    if (!after) return after;
    const Channel* owner = taken ? configuration.imta.channels.find(outcome.channel) : nullptr;
    text = with_local_alias(configuration, copy.destination, *after);
    if (kind == AddressKind::envelope_from && wants_srs(copy, owner)) {
        auto wrapped = with_srs(copy, text);
        if (!wrapped) return wrapped;
        text = std::move(*wrapped);
    } else if (needs_route(copy, kind, owner)) {
        text = with_route(std::move(text), local_name(configuration, copy.destination));
    }
    return address::write_in_form(text, form_for(copy.destination, kind));
}

std::string outgoing_recipient(
    const config::Configuration& configuration, const Channel& destination, std::string_view address
) {
    if (destination.has(Keyword::enqueue_removeroute)) address = address::without_route(address);
    const std::string text = with_local_alias(configuration, destination, address);
    return address::write_in_form(text, form_for(destination, AddressKind::envelope_to));
}

}  // namespace sluice::policy
