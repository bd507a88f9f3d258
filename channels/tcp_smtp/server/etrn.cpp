#include "etrn.h"

#include "access/other_tables.h"
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "jobs/control_client.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"

namespace sluice::smtp_server {

using channel::Keyword;

namespace {

constexpr std::chrono::seconds repeat_interval{60};
constexpr std::size_t most_remembered = 1000;
constexpr std::chrono::seconds answer_limit{5};

smtp::Reply not_allowed(std::string_view subject) {
    return {459, {4, 5, 0}, "Node " + smtp::sanitised(subject) + " not allowed"};
}

smtp::Reply unable(std::string_view subject) {
    return {458, {4, 5, 0}, "Unable to queue messages for node " + smtp::sanitised(subject)};
}

/// "252 2.5.0 OK, pending messages for node x started"; allowetrn adds the channel.
smtp::Reply started(int code, const EtrnOrder& order, std::string_view what) {
    std::string text = "OK, " + std::string(what);
    if (order.named) text += " on channel " + order.run.channel;
    return {code, {2, 5, 0}, std::move(text)};
}

smtp::Reply refusal_of(const access::EtrnVerdict& verdict, std::string_view subject) {
    if (verdict.reply.empty()) return not_allowed(subject);
    smtp::Reply reply(verdict.reply.code, verdict.reply.status, std::vector<std::string>{});
    const std::string prefix =
        std::to_string(reply.code) + ' ' + verdict.reply.status.to_string() + ' ';
    for (const std::string& line : verdict.reply.lines)
        reply.lines.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
    return reply;
}

/// Fills in channel and host from the argument; false when it names nothing.
bool find_target(
    const config::Configuration& configuration,
    const channel::Channel& source,
    char form,
    const std::string& subject,
    mapping::Answers& answers,
    jobs::Run& run
) {
    if (form == '#') {
        run.channel = subject;
        return true;
    }
    const rewrite::Outcome outcome = policy::rewrite_address(
        configuration, source, policy::AddressKind::envelope_to, "etrn@" + subject, answers
    );
    if (!outcome.ok()) return false;
    run.channel = outcome.channel;
    if (form != '@') run.host = outcome.host;
    return true;
}

}  // namespace

std::variant<EtrnOrder, smtp::Reply> plan_etrn(
    const config::Configuration& configuration,
    const channel::Channel& source,
    SourceSettings::Etrn mode,
    const access::Session& session,
    std::string_view argument,
    mapping::Answers& answers
) {
    const char form = argument.empty() ? '\0' : argument.front();
    const bool has_sign = form == '@' || form == '#';
    EtrnOrder order;
    order.subject = argument.substr(has_sign ? 1 : 0);
    order.named = mode == SourceSettings::Etrn::named;
    if (order.subject.empty()) return smtp::Reply(501, {5, 5, 4}, "ETRN needs a host or a channel");

    const access::Options options = policy::access_options(configuration);
    const access::Context context{configuration.mappings, options, answers, nullptr};
    const access::EtrnVerdict verdict =
        access::check_etrn(context, session, argument, to_lower(order.subject));
    if (verdict.pending) return unable(order.subject);
    using Action = access::EtrnVerdict::Action;
    if (verdict.action == Action::refuse) return refusal_of(verdict, order.subject);
    const bool by_keywords = verdict.action == Action::by_channel;
    if (by_keywords && mode == SourceSettings::Etrn::domains_only && form == '#')
        return not_allowed(order.subject);
    if (verdict.action == Action::run_channel &&
        configuration.imta.channels.find(verdict.channel) != nullptr) {
        order.run.channel = verdict.channel;
    } else if (!find_target(configuration, source, form, order.subject, answers, order.run)) {
        return not_allowed(order.subject);
    }
    const channel::Channel* target = configuration.imta.channels.find(order.run.channel);
    if (target == nullptr || target->has(Keyword::slave)) return not_allowed(order.subject);
    if (by_keywords && target->has(Keyword::blocketrn)) return not_allowed(order.subject);
    order.run.channel = target->name();
    // Messages are queued by the host that the channel connects to.
    if (const auto daemon = channel::daemon_host(*target); daemon && !order.run.host.empty())
        order.run.host = *daemon;
    return order;
}

smtp::Reply run_etrn(const EtrnOrder& order, const std::string& job_controller_socket) {
    auto controller = jobs::ControlClient::connect(job_controller_socket, answer_limit);
    if (!controller) return unable(order.subject);
    const auto messages = controller->run(order.run);
    if (!messages) return unable(order.subject);
    const std::string node = "node " + smtp::sanitised(order.subject);
    if (*messages == 0) return started(251, order, "no messages waiting for " + node);
    return started(252, order, "pending messages for " + node + " started");
}

smtp::Reply etrn_repeated(const EtrnOrder& order) {
    return started(250, order, "queuing for node " + smtp::sanitised(order.subject) + " started");
}

bool EtrnMemory::is_due(const EtrnOrder& order, MonoTime now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(last_, [&](const auto& entry) { return now - entry.second >= repeat_interval; });
    const std::string key = order.run.channel + '\n' + order.run.host;
    if (last_.contains(key)) return false;
    if (last_.size() < most_remembered) last_.emplace(key, now);
    return true;
}

}  // namespace sluice::smtp_server
