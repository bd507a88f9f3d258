#include "enqueue/log_sinks.h"

#include <syslog.h>

#include "access/log_action.h"
#include "base/syslog_sender.h"
#include "enqueue/log_action_sink.h"
#include "log/syslog_sink.h"

namespace sluice::enqueue {

using config::OptionId;
using config::TailorEntry;

namespace {

std::unique_ptr<log::EventSink> syslog_sink_of(const config::Configuration& configuration) {
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

}  // namespace

std::vector<std::unique_ptr<log::EventSink>> log_sinks_of(
    const config::ConfigurationPtr& configuration
) {
    std::vector<std::unique_ptr<log::EventSink>> sinks;
    if (auto sink = syslog_sink_of(*configuration)) sinks.push_back(std::move(sink));
    if (configuration->mappings.find(access::log_action_table) != nullptr)
        sinks.push_back(std::make_unique<LogActionSink>(configuration));
    return sinks;
}

}  // namespace sluice::enqueue
