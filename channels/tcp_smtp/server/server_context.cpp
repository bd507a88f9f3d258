#include "server_context.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/version.h"
#include "channel/channel_settings.h"
#include "config/tls_settings.h"
#include "converter/reformatter.h"
#include "enqueue/transcripts.h"

namespace sluice::smtp_server {

using config::OptionId;

namespace {

std::string text_or(const std::string& text, std::string_view fallback) {
    return text.empty() ? std::string(fallback) : text;
}

lookup::Sources::Settings outside_settings(const channel::Channel& channel) {
    lookup::Sources::Settings settings;
    for (const std::string& server : channel.arguments(channel::Keyword::nameservers))
        settings.name_servers.push_back(server);
    return settings;
}

void offer_mechanisms(
    smtp::ServerSettings& settings, const channel::Channel& source, const auth::RuleSet& rules
) {
    const bool offers = channel::sasl_server(source) != channel::Demand::none;
    settings.auth_mechanisms = offers ? rules.with_tls : auth::Mechanisms();
    settings.auth_without_tls = offers ? rules.without_tls : auth::Mechanisms();
}

/// A server that begins while the disk is full goes back to normal where the others do.
enqueue::DiskState known_disk_state(const config::Configuration& configuration) {
    const auto noted = read_file(enqueue::disk_state_path(configuration), 64);
    return enqueue::SharedDiskState::parse(noted ? *noted : std::string()).state;
}

}  // namespace

ServerContext::ServerContext(
    enqueue::Runtime& its_runtime,
    config::ConfigurationPtr its_snapshot,
    const channel::Channel& its_default_channel,
    std::unique_ptr<net::Resolver> its_resolver
)
    : runtime(its_runtime),
      snapshot(std::move(its_snapshot)),
      limits(enqueue::message_limits_of(*snapshot)),
      default_channel(its_default_channel),
      connection(connection_settings(configuration(), default_channel)),
      received_by(text_or(
          configuration().options.text(OptionId::received_domain), configuration().local_host()
      )),
      received_version(
          text_or(configuration().options.text(OptionId::received_version), product_version)
      ),
      resolver(std::move(its_resolver)),
      outside(snapshot, outside_settings(default_channel)),
      disk_notices(runtime, snapshot),
      disk(
          runtime.store().root(),
          enqueue::disk_limits_of(configuration()),
          known_disk_state(configuration()),
          [this](enqueue::DiskState now) { disk_notices.note(now); }
      ),
      login_desk(configuration()),
      tls(config::server_tls(configuration(), default_channel).settings),
      traces_recipients(configuration().options.boolean(OptionId::log_rcpt_trace)),
      full_transcripts(configuration().options.boolean(OptionId::transcript_full)),
      transcripts(enqueue::transcript_directory(configuration(), "transcript")) {
    limits.filters = enqueue::copy_filters_of(snapshot);
    limits.reformatter = converter::reformatter_of(snapshot);
    for (const channel::Channel& channel : configuration().imta.channels) {
        ChannelPlan plan;
        smtp::ServerSettings protocol =
            protocol_settings(configuration(), default_channel, channel);
        offer_mechanisms(protocol, channel, login_desk.authenticator.rules_of({}));
        plan.protocol = std::make_shared<const smtp::ServerSettings>(std::move(protocol));
        plan.source = source_settings(channel);
        plan.log = enqueue::log_options_of(configuration(), channel.name());
        plans.emplace(&channel, std::move(plan));
    }
}

std::shared_ptr<const smtp::ServerSettings> ServerContext::protocol_of(
    const channel::Channel& source, const Admission& admission
) const {
    const auto& usual = plan_of(source).protocol;
    const auth::RuleSet& rules = login_desk.authenticator.rules_of(admission.rule_set);
    const bool has_usual_rules = &rules == &login_desk.authenticator.rules_of({});
    if (has_usual_rules && !admission.private_commands) return usual;
    auto settings = std::make_shared<smtp::ServerSettings>(*usual);
    if (!has_usual_rules) offer_mechanisms(*settings, source, rules);
    if (admission.private_commands)
        settings->xadr = settings->xsta = settings->xcir = settings->xgen = true;
    return settings;
}

}  // namespace sluice::smtp_server
