#include "client_context.h"

#include <algorithm>

#include "base/log.h"
#include "channel/channel_settings.h"
#include "enqueue/transcripts.h"
#include "net/traced_resolver.h"

namespace sluice::tcp_client {

using channel::Keyword;

namespace {

smtp::ClientSettings::Hello hello(const channel::Channel& channel) {
    if (channel.has(Keyword::ehlo)) return smtp::ClientSettings::Hello::ehlo;
    if (channel.has(Keyword::checkehlo)) return smtp::ClientSettings::Hello::check_banner;
    if (channel.has(Keyword::noehlo)) return smtp::ClientSettings::Hello::never_ehlo;
    return smtp::ClientSettings::Hello::by_default;
}

std::optional<IpAddress> source_address(
    const channel::Channel& channel, const config::TcpChannelOptions& options
) {
    if (const auto keyword = channel.argument(Keyword::interfaceaddress))
        return IpAddress::parse(*keyword);
    if (options.interface_address.empty()) return std::nullopt;
    const auto address = IpAddress::parse(options.interface_address);
    if (!address) diag::warning("INTERFACE_ADDRESS is no IP address: " + options.interface_address);
    return address;
}

net::ResolverSettings resolver_settings(const channel::Channel& channel) {
    net::ResolverSettings settings;
    for (const std::string& server : channel.arguments(Keyword::nameservers))
        settings.servers.push_back(server);
    return settings;
}

/// With TRACE_LEVEL=2 what is asked of the DNS is in the component log.
std::unique_ptr<net::Resolver> resolver_of(
    const channel::Channel& channel, const config::TcpChannelOptions& options
) {
    auto resolver = net::make_resolver(resolver_settings(channel));
    if (options.trace_level < 2) return resolver;
    return net::traced(std::move(resolver), [](const std::string& line) { diag::info(line); });
}

std::optional<auth::Credentials> credentials_of(const channel::Channel& channel) {
    const auto user = channel.argument(Keyword::authusername);
    const auto password = channel.argument(Keyword::authpassword);
    if (!user || !password) return std::nullopt;
    return auth::Credentials{std::string(*user), auth::Secret(std::string(*password))};
}

smtp::ClientSettings::Need need_of(channel::Demand demand) {
    using Need = smtp::ClientSettings::Need;
    if (demand == channel::Demand::must) return Need::must;
    return demand == channel::Demand::none ? Need::never : Need::may;
}

}  // namespace

smtp::ClientSettings session_settings(
    const channel::Channel& channel,
    const config::TcpChannelOptions& options,
    const std::string& local_host
) {
    smtp::ClientSettings settings;
    settings.host = !options.banner_host.empty()          ? options.banner_host
                    : !channel.local_host_alias().empty() ? channel.local_host_alias()
                                                          : local_host;
    if (channel::is_lmtp(channel)) settings.protocol = smtp::ClientSettings::Protocol::lmtp;
    settings.hello = hello(channel);
    settings.auth = need_of(channel::sasl_client(channel));
    settings.chunking = !channel.has(Keyword::nochunkingclient);
    settings.permanent_552 = options.permanent_552_strings;
    // What cannot be encoded goes to every peer as it is: nearly all of them take it, and returning
    // the message would not improve it.
    settings.force_eight_bit = !channel.has(Keyword::eightstrict);
    if (options.attempt_transactions_per_session) {
        settings.transactions_per_session =
            static_cast<std::size_t>(*options.attempt_transactions_per_session);
    }
    return settings;
}

RouteSettings route_settings(
    const channel::Channel& channel, const config::TcpChannelOptions& options
) {
    RouteSettings settings;
    settings.mx = channel::mx_use(channel);
    settings.daemon = channel::daemon_host(channel).value_or("");
    settings.last_resort = channel.argument(Keyword::lastresort).value_or("");
    settings.port = channel::port(channel);
    settings.max_mx = static_cast<std::size_t>(options.max_mx_records);
    settings.max_addresses = static_cast<std::size_t>(options.max_a_records);
    settings.source = source_address(channel, options);
    return settings;
}

ClientContext::ClientContext(enqueue::Runtime& the_runtime, const channel::Channel& the_channel)
    : runtime(the_runtime),
      channel(the_channel.name()),
      local_host(the_runtime.configuration().local_host()),
      lmtp(channel::is_lmtp(the_channel)),
      removes_routes(the_channel.has(Keyword::dequeue_removeroute)),
      credentials(credentials_of(the_channel)),
      encoding(encoding_rules(the_channel)),
      options(the_runtime.configuration().options_of(the_channel.name())),
      log_options(enqueue::log_options_of(the_runtime.configuration(), the_channel.name())),
      logs(channel::has_logging(the_channel)),
      debugs(the_channel.has(Keyword::master_debug)),
      debug_peer(the_runtime.configuration().options.text(config::OptionId::debug_peer)),
      definition(the_channel),
      full_transcripts(the_runtime.configuration().options.boolean(config::OptionId::transcript_full
      )),
      transcripts(std::make_unique<multilog::LogDirectory>(enqueue::transcript_directory(
          the_runtime.configuration(), "transcript-" + the_channel.name()
      ))),
      resolver(resolver_of(the_channel, options)),
      unreachable(std::make_unique<RememberedAddresses>(
          !the_channel.has(Keyword::nocache) && !the_channel.has(Keyword::cachesuccesses)
      )),
      without_tls(std::make_unique<RememberedAddresses>(true)) {
    route = route_settings(the_channel, options);
    route.own = find_own_hosts(runtime.configuration());
    session = std::make_shared<const smtp::ClientSettings>(
        session_settings(the_channel, options, local_host)
    );
    prepare_tls(the_channel);
    diagnostics = {
        options.log_banner, options.log_transportinfo, log_options.connection,
        log_options.remote_mta};
}

// A channel that never speaks TLS needs no trust anchors, which take a while to read.
void ClientContext::prepare_tls(const channel::Channel& the_channel) {
    using config::TlsDemand;
    tls_rules = config::client_tls(runtime.configuration(), the_channel);
    for (const std::string& fault : tls_rules.faults) diag::warning("TLS: " + fault);
    const bool is_wanted =
        tls_rules.demand != TlsDemand::none ||
        std::any_of(tls_rules.hosts.begin(), tls_rules.hosts.end(), [](const auto& rule) {
            return rule.demand != TlsDemand::none;
        });
    if (!is_wanted) return;
    tls_files = std::make_unique<tls::WatchedClient>(tls_rules.settings);
}

void ClientContext::trace_tcp(const std::string& text) const {
    if (options.trace_level > 0) diag::info("TCP: " + text);
}

tls::WatchedClient::Current ClientContext::tls() const {
    if (!tls_files) return {nullptr, "this channel has none"};
    return tls_files->current(system_clock().mono_now());
}

std::shared_ptr<const smtp::ClientSettings> ClientContext::session_for(config::TlsDemand demand
) const {
    using Need = smtp::ClientSettings::Need;
    const Need need = demand == config::TlsDemand::none  ? Need::never
                      : demand == config::TlsDemand::may ? Need::may
                                                         : Need::must;
    if (session->tls == need) return session;
    auto changed = std::make_shared<smtp::ClientSettings>(*session);
    changed->tls = need;
    return changed;
}

config::TlsDemand ClientContext::tls_demand(
    std::string_view destination, std::string_view host, const Endpoint& endpoint
) const {
    const config::TlsDemand demand = tls_rules.demand_for(destination, host);
    if (demand != config::TlsDemand::may) return demand;
    const bool is_hopeless =
        !tls().context || without_tls->contains(endpoint, std::chrono::steady_clock::now());
    return is_hopeless ? config::TlsDemand::none : demand;
}

// The file is read for each connection that needs it: connections are few, passwords change.
Result<auth::Credentials> ClientContext::credentials_for(
    std::string_view destination, std::string_view host
) const {
    if (credentials) return *credentials;
    const std::string path =
        runtime.configuration().tailor.path(config::TailorEntry::table) + "client_secrets";
    auto secrets = auth::load_client_secrets(path);
    if (!secrets) {
        diag::warning(secrets.error().detail());
        return std::move(secrets).error();
    }
    if (auto found = secrets->find({destination, host})) return std::move(*found);
    return Error::temporary(
        {4, 7, 0}, "not logged in", "no password for " + std::string(host) + " in " + path
    );
}

}  // namespace sluice::tcp_client
