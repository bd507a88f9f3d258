#include "enqueue/event_sinks.h"

#include <errno.h>
#include <syslog.h>
#include <unistd.h>

#include <chrono>
#include <set>

#include "access/log_action.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/syslog_sender.h"
#include "base/system_log.h"
#include "channel/channel_settings.h"
#include "config/service_logs.h"
#include "enqueue/log_action_sink.h"
#include "enqueue/login_sink.h"
#include "log/background_flush.h"
#include "log/held_sink.h"
#include "log/stdout_sink.h"
#include "log/syslog_sink.h"
#include "postoffice_log/entries.h"
#include "postoffice_log/postoffice_sink.h"
#include "qmail_log/entries.h"
#include "qmail_log/qmail_sink.h"

namespace sluice::enqueue {

namespace {

using config::OptionId;
using config::TailorEntry;
using log::DeliveryClass;
using log::EventSwitches;

EventSwitches switches_of(
    const config::Options& options, OptionId id, std::span<const EventSwitches::Name> names
) {
    std::vector<std::string> unknown;
    EventSwitches switches = EventSwitches::parse(options.text(id), names, &unknown);
    for (const std::string& word : unknown)
        diag::warning(config::option_row(id).name() + ": no such entry: " + printable(word));
    return switches;
}

std::unique_ptr<log::EventSink> postoffice_sink(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    postoffice_log::RenderOptions render;
    render.switches =
        switches_of(options, OptionId::log_postoffice_events, postoffice_log::entry_names());
    render.host = configuration.local_host();
    postoffice_log::DailyFileSettings files;
    files.directory = postoffice_directory(configuration);
    files.keep = std::chrono::days(options.integer(OptionId::log_postoffice_keep));
    return std::make_unique<postoffice_log::PostOfficeSink>(std::move(render), std::move(files));
}

qmail_log::QmailSettings qmail_settings(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    qmail_log::QmailSettings settings;
    settings.directory = configuration.tailor.path(TailorEntry::log);
    settings.ledger_path = configuration.tailor.path(TailorEntry::run) + "qmail_send.mdb";
    settings.size = static_cast<std::uint64_t>(options.integer(OptionId::log_qmail_size));
    settings.old_files = static_cast<std::size_t>(options.integer(OptionId::log_qmail_num));
    const auto stamp = equals_ignoring_case(options.text(OptionId::log_timestamp), "none")
                           ? qmail_log::Stamp::none
                           : qmail_log::Stamp::tai64n;
    const auto switches =
        switches_of(options, OptionId::log_qmail_events, qmail_log::entry_names());
    const DeliveryLimits limits = delivery_limits(configuration);
    settings.send = {switches, stamp, limits.local, limits.remote, ::geteuid()};
    settings.smtp.switches = switches;
    settings.smtp.stamp = stamp;
    settings.smtp.host = configuration.local_host();
    settings.smtp.recipient_trace = options.boolean(OptionId::log_rcpt_trace);
    if (equals_ignoring_case(options.text(OptionId::log_qmail_pid), "process"))
        settings.smtp.pid = qmail_log::PidStyle::process;
    return settings;
}

std::unique_ptr<log::EventSink> syslog_sink(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    if (options.integer(OptionId::log_messages_syslog) == 0 &&
        options.integer(OptionId::log_connections_syslog) == 0)
        return nullptr;
    SyslogSender::Settings settings;
    settings.socket_path = configuration.tailor.path(TailorEntry::syslog_socket);
    settings.buffer_max = static_cast<std::size_t>(options.integer(OptionId::log_buffer_max));
    if (!options.text(OptionId::syslog_tag).empty())
        settings.ident = options.text(OptionId::syslog_tag);
    const int facility =
        syslog_facility(options.text(OptionId::syslog_facility)).value_or(LOG_MAIL);
    return std::make_unique<log::SyslogSink>(std::move(settings), facility, TimeZone::system());
}

/// The lines of all of qmail's programs; the numbers of its deliveries are its own.
log::StdoutSink::Form qmail_form(const config::Configuration& configuration) {
    const qmail_log::QmailSettings settings = qmail_settings(configuration);
    const auto ledger = std::make_shared<qmail_log::SendLedger>(
        configuration.tailor.path(TailorEntry::run) + "qmail_stdout.mdb"
    );
    log::StdoutSink::Form form;
    form.wants = [switches = settings.send.switches](log::EventKind kind) {
        return qmail_log::is_wanted(kind, switches);
    };
    form.render =
        [settings,
         ledger](std::string& out, std::span<const log::Event> events, const log::LogOptions&) {
            qmail_log::render_send(out, events, settings.send, *ledger);
            for (const log::Event& event : events)
                qmail_log::render_smtp(out, event, settings.smtp);
        };
    return form;
}

std::unique_ptr<log::EventSink> stdout_sink(const config::Configuration& configuration) {
    const std::string& form = configuration.options.text(OptionId::log_stdout);
    const std::string socket = stdout_socket(configuration.tailor);
    const auto made = [&](log::StdoutSink::Form how) {
        return std::make_unique<log::StdoutSink>(socket, std::move(how));
    };
    constexpr int json = 5;
    if (equals_ignoring_case(form, "json")) return made(log::entry_form(json));
    if (equals_ignoring_case(form, "pmdf")) return made(log::entry_form(0));
    if (equals_ignoring_case(form, "qmail")) return made(qmail_form(configuration));
    return nullptr;
}

// Long enough that busy sessions share a write, too short for anybody who watches the log.
std::unique_ptr<log::EventSink> behind(std::unique_ptr<log::EventSink> sink) {
    constexpr std::chrono::milliseconds delay{20};
    return std::make_unique<log::BackgroundFlush>(std::move(sink), delay);
}

/// As service logs name the process.
std::string program_name() {
    return program_invocation_short_name;
}

bool asks_log_action(const config::Configuration& configuration) {
    return configuration.mappings.find(access::log_action_table) != nullptr;
}

}  // namespace

std::function<void(std::string_view)> operator_notice(const config::Options& options) {
    const int facility =
        syslog_facility(options.text(OptionId::syslog_facility)).value_or(LOG_MAIL);
    const int priority = log::syslog_priority(options.integer(OptionId::sndopr_priority), facility);
    return [priority](std::string_view text) { system_log().write(priority, "imta", text); };
}

std::string stdout_socket(const config::Tailor& tailor) {
    return tailor.path(TailorEntry::run) + "stdout.sock";
}

std::string postoffice_directory(const config::Configuration& configuration) {
    const std::string& named = configuration.options.text(OptionId::log_postoffice_dir);
    return named.empty() ? configuration.tailor.path(TailorEntry::log) + "post.office" : named;
}

DeliveryClass delivery_class(const channel::Channel& channel) {
    const std::string& name = channel.name();
    if (starts_with_ignoring_case(name, "pipe")) return DeliveryClass::program;
    if (name == "l" || channel::is_lmtp(channel) || starts_with_ignoring_case(name, "ims-ms") ||
        starts_with_ignoring_case(name, "maildir"))
        return DeliveryClass::mailbox;
    return channel::is_smtp(channel) ? DeliveryClass::remote : DeliveryClass::passage;
}

// A pool that serves channels of both kinds counts for both.
DeliveryLimits delivery_limits(const config::Configuration& configuration) {
    std::set<std::string, LessIgnoringCase> local;
    std::set<std::string, LessIgnoringCase> remote;
    const auto& jobs = configuration.job_controller;
    for (const channel::Channel& channel : configuration.imta.channels) {
        if (!channel::has_master(channel) || !jobs.channel(channel.name()).master_command) continue;
        const std::string_view name = channel::pool(channel).value_or(jobs.default_pool().name);
        (delivery_class(channel) == DeliveryClass::remote ? remote : local).emplace(name);
    }
    const auto sum = [&](const auto& pools) {
        std::uint64_t all = 0;
        for (const std::string& name : pools) {
            const config::Pool* pool = jobs.find_pool(name);
            if (pool != nullptr) all += static_cast<std::uint64_t>(pool->job_limit);
        }
        return all;
    };
    return {sum(local), sum(remote)};
}

std::vector<std::unique_ptr<log::EventSink>> event_sinks_of(const config::ConfigurationPtr& snapshot
) {
    const config::Configuration& configuration = *snapshot;
    std::vector<std::unique_ptr<log::EventSink>> sinks;
    if (auto sink = syslog_sink(configuration)) sinks.push_back(std::move(sink));
    if (configuration.options.boolean(OptionId::held_sndopr))
        sinks.push_back(std::make_unique<log::HeldSink>(operator_notice(configuration.options)));
    if (asks_log_action(configuration)) sinks.push_back(std::make_unique<LogActionSink>(snapshot));
    if (configuration.options.boolean(OptionId::log_postoffice))
        sinks.push_back(behind(postoffice_sink(configuration)));
    if (configuration.options.boolean(OptionId::log_qmail))
        sinks.push_back(behind(std::make_unique<qmail_log::QmailSink>(qmail_settings(configuration))
        ));
    sinks.push_back(std::make_unique<LoginSink>(
        configuration.service_logs, config::service_log_writer(configuration.tailor, program_name())
    ));
    if (auto sink = stdout_sink(configuration)) sinks.push_back(behind(std::move(sink)));
    return sinks;
}

std::string event_sink_settings(const config::Configuration& configuration) {
    std::string all;
    for (const OptionId id :
         {OptionId::log_postoffice, OptionId::log_postoffice_dir, OptionId::log_postoffice_events,
          OptionId::log_postoffice_keep, OptionId::log_qmail, OptionId::log_qmail_size,
          OptionId::log_qmail_num, OptionId::log_qmail_events, OptionId::log_qmail_pid,
          OptionId::log_stdout, OptionId::log_rcpt_trace, OptionId::log_timestamp,
          OptionId::log_messages_syslog, OptionId::log_connections_syslog, OptionId::syslog_tag,
          OptionId::syslog_facility, OptionId::held_sndopr, OptionId::sndopr_priority}) {
        all += configuration.options.text(id) + '\n';
    }
    all += configuration.tailor.path(TailorEntry::syslog_socket) + '\n';
    // The table may call out to anything: it is asked as the configuration in force has it.
    if (asks_log_action(configuration)) all += std::to_string(configuration.generation) + '\n';
    const DeliveryLimits limits = delivery_limits(configuration);
    all += std::to_string(limits.local) + '/' + std::to_string(limits.remote) + '\n';
    return all + std::string(configuration.local_host());
}

}  // namespace sluice::enqueue
