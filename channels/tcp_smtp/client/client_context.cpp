#include "client_context.h"

#include "base/log.h"
#include "channel/channel_settings.h"

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

std::string unmet_demand_of(const channel::Channel& channel) {
    if (channel::tls_client(channel) == channel::Demand::must)
        return "the channel demands TLS, which this client does not do yet";
    if (channel::sasl_client(channel) == channel::Demand::must)
        return "the channel demands authentication, which this client does not do yet";
    return {};
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
      unmet_demand(unmet_demand_of(the_channel)),
      encoding(encoding_rules(the_channel)),
      options(the_runtime.configuration().options_of(the_channel.name())),
      log_options(enqueue::log_options_of(the_runtime.configuration(), the_channel.name())),
      logs(channel::has_logging(the_channel)),
      debugs(the_channel.has(Keyword::master_debug)),
      debug_peer(the_runtime.configuration().options.text(config::OptionId::debug_peer)),
      resolver(net::make_resolver(resolver_settings(the_channel))),
      unreachable(std::make_unique<UnreachableAddresses>(
          !the_channel.has(Keyword::nocache) && !the_channel.has(Keyword::cachesuccesses)
      )) {
    route = route_settings(the_channel, options);
    route.own = find_own_hosts(runtime.configuration());
    session = std::make_shared<const smtp::ClientSettings>(
        session_settings(the_channel, options, local_host)
    );
    diagnostics = {
        options.log_banner, options.log_transportinfo, log_options.connection,
        log_options.remote_mta};
}

}  // namespace sluice::tcp_client
