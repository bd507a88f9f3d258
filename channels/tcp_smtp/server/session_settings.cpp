#include "session_settings.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/version.h"
#include "channel/channel_settings.h"

namespace sluice::smtp_server {

using channel::Keyword;
using config::OptionId;

namespace {

using Limit = std::optional<std::size_t>;

Limit as_limit(std::optional<std::int64_t> value) {
    if (!value) return std::nullopt;
    return static_cast<std::size_t>(std::max<std::int64_t>(*value, 0));
}

Limit smaller(Limit a, Limit b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

bool is_given_any(const channel::Channel& channel, std::initializer_list<Keyword> keywords) {
    return std::any_of(keywords.begin(), keywords.end(), [&](Keyword keyword) {
        return channel.is_given(keyword);
    });
}

// A server takes CR LF and nothing else unless the channel says otherwise by name: what one host
// takes for the end of a message and another does not is how messages are smuggled.
smtp::LineEndings line_endings(const channel::Channel& channel) {
    if (!is_given_any(channel, {Keyword::smtp_cr, Keyword::smtp_lf, Keyword::smtp_crorlf}))
        return smtp::LineEndings::crlf;
    switch (channel::line_end(channel)) {
        case channel::LineEnd::crlf:
            return smtp::LineEndings::crlf;
        case channel::LineEnd::cr:
            return smtp::LineEndings::crlf_or_cr;
        case channel::LineEnd::lf:
            return smtp::LineEndings::crlf_or_lf;
        case channel::LineEnd::crorlf:
            return smtp::LineEndings::any;
    }
    return smtp::LineEndings::crlf;
}

smtp::LongLines long_lines(const channel::Channel& channel) {
    if (channel.has(Keyword::rejectsmtplonglines)) return smtp::LongLines::reject;
    return channel.has(Keyword::wrapsmtplonglines) ? smtp::LongLines::wrap
                                                   : smtp::LongLines::truncate;
}

std::uint64_t block_octets(const config::Configuration& configuration) {
    return static_cast<std::uint64_t>(configuration.options.integer(OptionId::block_size));
}

/// SIZE: the least of BLOCK_LIMIT, sourceblocklimit and blocklimit of the source channel, in
/// octets; 0: no limit.
std::uint64_t message_size_limit(
    const config::Configuration& configuration, const channel::Channel& source
) {
    std::uint64_t least = 0;
    const auto consider = [&](std::optional<std::int64_t> blocks) {
        if (!blocks || *blocks <= 0) return;
        const auto octets = static_cast<std::uint64_t>(*blocks) * block_octets(configuration);
        least = least == 0 ? octets : std::min(least, octets);
    };
    consider(configuration.options.integer(OptionId::block_limit));
    consider(source.limit(Keyword::sourceblocklimit));
    consider(source.limit(Keyword::blocklimit));
    return least;
}

void set_verification(
    smtp::ServerSettings& settings,
    const config::TcpChannelOptions& options,
    const channel::Channel& source,
    bool outside
) {
    settings.hide_verify = options.hide_verify || outside;
    settings.disable_expand = options.disable_expand || outside;
    if (source.is_given(Keyword::vrfyallow)) settings.verify = smtp::VerifyPolicy::allow;
    if (source.is_given(Keyword::vrfyhide)) settings.verify = smtp::VerifyPolicy::hide;
    if (source.is_given(Keyword::expnallow)) settings.expand = smtp::ExpandPolicy::allow;
    if (source.is_given(Keyword::expndisable)) settings.expand = smtp::ExpandPolicy::disable;
}

void set_limits(
    smtp::ServerSettings& settings,
    const config::TcpChannelOptions& options,
    const channel::Channel& source
) {
    const auto keyword = [&](Keyword name) { return as_limit(source.limit(name)); };
    settings.recipients_per_transaction = smaller(
        as_limit(options.allow_recipients_per_transaction), keyword(Keyword::recipientlimit)
    );
    settings.refused_above_recipients = smaller(
        as_limit(options.reject_recipients_per_transaction), keyword(Keyword::recipientcutoff)
    );
    settings.recipients_per_session = as_limit(options.transaction_limit_rcpt_to);
    settings.transactions_per_session = smaller(
        as_limit(options.allow_transactions_per_session),
        keyword(Keyword::disconnecttransactionlimit)
    );
    settings.transaction_limit = keyword(Keyword::transactionlimit);
    settings.rejections_before_deferral = smaller(
        as_limit(options.allow_rejections_before_deferral), keyword(Keyword::deferralrejectlimit)
    );
    settings.disconnect_recipients = keyword(Keyword::disconnectrecipientlimit);
    settings.disconnect_rejections = keyword(Keyword::disconnectrejectlimit);
    settings.disconnect_bad_commands =
        smaller(as_limit(options.max_bad_commands), keyword(Keyword::disconnectbadcommandlimit));
    if (const Limit limit = keyword(Keyword::disconnectbadauthlimit))
        settings.disconnect_bad_auth = limit;
    settings.etrns_per_session = as_limit(options.allow_etrns_per_session);
    settings.max_hello_domain = as_limit(options.max_helo_domain_length);
    settings.max_b_entries = as_limit(options.max_b_entries).value_or(0);
}

}  // namespace

ConnectionSettings connection_settings(
    const config::Configuration& configuration, const channel::Channel& default_channel
) {
    const config::TcpChannelOptions& options = configuration.options_of(default_channel.name());
    const auto has = [&](Keyword keyword) { return default_channel.has(keyword); };
    const bool numeric = has(Keyword::identnonenumeric) || has(Keyword::identtcpnumeric);
    const bool symbolic = has(Keyword::identnonesymbolic) || has(Keyword::identtcpsymbolic);
    const bool limited = has(Keyword::identnonelimited) || has(Keyword::identtcplimited);

    ConnectionSettings settings;
    PeerNaming& naming = settings.naming;
    naming.look_up = !numeric;
    naming.ask_ident = has(Keyword::identtcp) || has(Keyword::identtcplimited) ||
                       has(Keyword::identtcpnumeric) || has(Keyword::identtcpsymbolic);
    naming.name_switches = !numeric && !limited && options.check_source;
    naming.name_in_received = !numeric && options.check_source;
    naming.address_in_received = !symbolic;
    if (numeric) naming.log_display = log::PeerDisplay::address_only;
    if (symbolic) naming.log_display = log::PeerDisplay::name_only;
    if (limited) naming.log_display = log::PeerDisplay::none;
    if (has(Keyword::forwardchecktag)) naming.forward_check = PeerNaming::ForwardCheck::tag;
    if (has(Keyword::forwardcheckdelete)) naming.forward_check = PeerNaming::ForwardCheck::drop;

    settings.traces_tcp = options.trace_level > 0;
    settings.command_receive = options.command_receive_time;
    settings.data_receive = options.data_receive_time;
    settings.status_transmit = options.status_transmit_time;
    settings.stress_time_divisor = static_cast<unsigned>(options.stress_time_divisor);
    settings.stress_bad_commands = static_cast<std::size_t>(options.stress_bad_commands);
    settings.inflow_rate = static_cast<unsigned>(options.inflow_rate);
    settings.banner_delay = options.banner_purge_delay;
    if (equals_ignoring_case(options.banner_earlytalk, "drop"))
        settings.early_talk = ConnectionSettings::EarlyTalk::drop;
    if (equals_ignoring_case(options.banner_earlytalk, "log"))
        settings.early_talk = ConnectionSettings::EarlyTalk::note;
    settings.refuses_late = equals_ignoring_case(options.port_access_refuse, "rcpt");
    settings.max_j_entries = as_limit(options.max_j_entries);
    settings.submission = has(Keyword::submit);
    settings.lmtp = channel::is_lmtp(default_channel);
    return settings;
}

SourceSettings source_settings(const channel::Channel& source) {
    SourceSettings settings;
    if (source.is_given(Keyword::allowetrn)) settings.etrn = SourceSettings::Etrn::named;
    if (source.is_given(Keyword::domainetrn)) settings.etrn = SourceSettings::Etrn::domains_only;
    settings.mail_from_dns_verify = source.has(Keyword::mailfromdnsverify);
    settings.received_for = source.has(Keyword::receivedfor);
    settings.received_from = source.has(Keyword::receivedfrom);
    settings.hold_above = as_limit(source.limit(Keyword::holdlimit));
    return settings;
}

smtp::ServerSettings protocol_settings(
    const config::Configuration& configuration,
    const channel::Channel& default_channel,
    const channel::Channel& source
) {
    const config::TcpChannelOptions& options = configuration.options_of(default_channel.name());
    const bool outside = &source == &default_channel && !default_channel.has(Keyword::submit);
    smtp::ServerSettings settings;
    settings.host =
        options.banner_host.empty() ? std::string(configuration.local_host()) : options.banner_host;
    settings.product = product_name;
    settings.version = product_version_number;
    if (!options.custom_version_string.empty())
        settings.custom_version = options.custom_version_string;
    settings.banner_addition = options.banner_addition;

    settings.ehlo = !source.has(Keyword::refuseehlo);
    settings.eight_bit_mime = !source.has(Keyword::sevenbit);
    settings.chunking = source.has(Keyword::chunkingserver);
    settings.binary_mime = settings.chunking && settings.eight_bit_mime;
    // RFC 6531 section 3.1, item 8: never without 8BITMIME.
    settings.smtputf8 = settings.eight_bit_mime;
    settings.starttls = channel::tls_server(source) != channel::Demand::none;
    settings.tls_required = channel::tls_server(source) == channel::Demand::must;
    settings.auth_required = channel::sasl_server(source) == channel::Demand::must;
    settings.legacy_auth_line = source.has(Keyword::msexchange);
    settings.lmtp = channel::is_lmtp(default_channel);
    settings.etrn = !settings.lmtp && !source.has(Keyword::disableetrn);
    settings.ehlo_additions = options.ehlo_addition;
    settings.send_commands = !options.disable_send;
    settings.qsnd = options.smtp_qsnd;
    settings.xadr = !options.disable_address;
    settings.xsta = !options.disable_status;
    settings.xcir = !options.disable_circuit;
    settings.xgen = !options.disable_general;
    settings.hostile_commands = options.hostile_commands;
    set_verification(settings, options, source, outside);
    set_limits(settings, options, source);

    settings.message_size = message_size_limit(configuration, source);
    settings.line_endings = line_endings(default_channel);
    settings.long_lines = long_lines(default_channel);
    return settings;
}

std::optional<std::uint64_t> size_limit(
    const config::Configuration& configuration, const channel::Channel& destination
) {
    const auto blocks = destination.limit(Keyword::blocklimit);
    if (!blocks || *blocks <= 0) return std::nullopt;
    return static_cast<std::uint64_t>(*blocks) * block_octets(configuration);
}

std::optional<std::uint64_t> line_limit(
    const config::Configuration& configuration, const channel::Channel& destination
) {
    std::optional<std::uint64_t> least;
    const auto consider = [&](std::optional<std::int64_t> lines) {
        if (!lines || *lines <= 0) return;
        const auto value = static_cast<std::uint64_t>(*lines);
        least = least ? std::min(*least, value) : value;
    };
    consider(configuration.options.integer(OptionId::line_limit));
    consider(destination.limit(Keyword::linelimit));
    return least;
}

}  // namespace sluice::smtp_server
