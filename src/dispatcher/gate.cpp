#include "dispatcher/gate.h"

#include "access/port_decision.h"
#include "base/log.h"
#include "base/system_log.h"
#include "channel/keyword.h"
#include "lookup/gathering.h"
#include "lookup/sources.h"
#include "policy/recipient.h"

namespace sluice::dispatcher {

namespace {

/// Spec page dispatcher, section 5.
constexpr std::chrono::seconds dns_lists_limit{10};
constexpr std::chrono::seconds least_caching{10};
constexpr std::chrono::hours most_caching{1};

std::unique_ptr<net::Resolver> make_list_resolver(const std::vector<std::string>& servers) {
    net::ResolverSettings settings;
    settings.servers = servers;
    settings.time_limit = dns_lists_limit;
    settings.least_caching = least_caching;
    settings.most_caching = most_caching;
    return net::make_resolver(settings);
}

/// Keyword nameservers of the channel that the service's sessions begin on.
std::vector<std::string> name_servers(
    const config::Configuration& configuration, const std::string& service_name
) {
    const config::DispatcherService* service = configuration.dispatcher.find(service_name);
    if (service == nullptr) return {};
    const auto* channel = configuration.imta.channels.find(config::channel_of(*service));
    std::vector<std::string> servers;
    if (channel == nullptr) return servers;
    for (const std::string& server : channel->arguments(channel::Keyword::nameservers))
        servers.push_back(server);
    return servers;
}

access::Verdict refusal_by_list(access::Verdict verdict, const std::string& list) {
    verdict.decision = access::Verdict::Decision::refuse;
    verdict.reply = access::make_reply(
        500, {5, 7, 1}, "access_control: host found on DNS list and rejected", ""
    );
    verdict.table = "DNS_VERIFY_DOMAIN";
    verdict.log_text = "DNS list " + list;
    return verdict;
}

}  // namespace

/// A connection that is being decided about, with what it began with.
struct Gate::Check {
    config::ConfigurationPtr configuration;
    std::shared_ptr<lookup::Sources> outside;
    lookup::Gathering answers;
    std::vector<std::string> dns_lists;
    DnsLists* asked_at;  ///< null: there are no lists
    Endpoint local;
    Endpoint remote;
    Then then;
    access::Verdict verdict;            ///< of PORT_ACCESS, while DNS lists are asked
    std::optional<std::string> listed;  ///< by this one
};

Gate::Gate(config::ConfigurationPtr configuration, std::int64_t debug)
    : configuration_(std::move(configuration)),
      outside_(std::make_shared<lookup::Sources>(configuration_)),
      debug_(debug),
      events_(configuration_) {}

Gate::~Gate() = default;

void Gate::check(
    const ServiceSettings& service, const Endpoint& local, const Endpoint& remote, Then then
) {
    DnsLists* const asked_at = service.dns_lists.empty() ? nullptr : &lists_for(service.name);
    decide(std::shared_ptr<Check>(new Check{
        configuration_,
        outside_,
        lookup::Gathering(*outside_),
        service.dns_lists,
        asked_at,
        local,
        remote,
        std::move(then),
        {},
        {}}));
}

DnsLists& Gate::lists_for(const std::string& service) {
    const auto servers = name_servers(*configuration_, service);
    auto& lists = dns_lists_[servers];
    if (!lists)
        lists = std::make_unique<DnsLists>(
            [servers] { return make_list_resolver(servers); }, system_clock()
        );
    return *lists;
}

void Gate::decide(const std::shared_ptr<Check>& check) {
    const config::Configuration& configuration = *check->configuration;
    const access::Options options = policy::access_options(configuration);
    check->answers.begin();
    const access::Context context{configuration.mappings, options, check->answers, nullptr};
    access::PortDecision decision =
        access::decide_port(context, {check->local, check->remote}, access::PortPhase::accept);
    access::Verdict& verdict = decision.verdict;
    if (check->answers.is_pending()) {
        pool_.run([check] { check->answers.settle(); }, [this, check] { decide(check); });
        return;
    }
    for (const std::string& text : verdict.syslog) system_log().notice(text);
    for (const std::string& warning : verdict.warnings) diag::warning(warning);
    if (verdict.debug_level.value_or(0) > 0) {
        diag::info(
            check->remote.address.to_string() + ": PORT_ACCESS, entry " +
            verdict.decided_by.to_string() + ": " + verdict.to_debug_string()
        );
    }
    const bool is_on_this_host = check->remote.port == 0;  // came by a Unix socket
    const bool is_exempt = decision.is_by_an_entry || is_on_this_host;
    if (is_exempt || check->asked_at == nullptr) return check->then(std::move(verdict));
    ask_dns_lists(check, std::move(verdict));
}

void Gate::ask_dns_lists(const std::shared_ptr<Check>& check, access::Verdict verdict) {
    check->verdict = std::move(verdict);
    pool_.run(
        [check] { check->listed = check->asked_at->find(check->remote.address, check->dns_lists); },
        [check] {
            if (check->listed)
                check->verdict = refusal_by_list(std::move(check->verdict), *check->listed);
            check->then(std::move(check->verdict));
        }
    );
}

void Gate::on_refused(
    const ServiceSettings& service,
    std::uint64_t id,
    const Endpoint& local,
    const Endpoint& remote,
    const access::Verdict& verdict
) {
    if (debug_.has(debug_bit::port_access)) {
        const bool by_entry = verdict.table != "DNS_VERIFY_DOMAIN";
        diag::info(
            service.name + ": refused " + remote.address.to_string() + " by " +
            (by_entry ? verdict.decided_by.to_string() : verdict.log_text)
        );
    }
    events_.refused(service.name, id, local, remote, verdict);
}

void Gate::take(config::ConfigurationPtr configuration) {
    configuration_ = std::move(configuration);
    outside_ = std::make_shared<lookup::Sources>(configuration_);
    events_.take(configuration_);
}

}  // namespace sluice::dispatcher
