#include "dispatcher/connection_events.h"

#include <unistd.h>

#include <span>
#include <vector>

#include "base/system_log.h"
#include "channel/channel_settings.h"
#include "dispatcher/service_settings.h"
#include "enqueue/event_sinks.h"
#include "enqueue/runtime.h"

namespace sluice::dispatcher {

using log::Event;
using log::EventKind;

ConnectionEvents::ConnectionEvents(config::ConfigurationPtr configuration)
    : configuration_(std::move(configuration)),
      log_(enqueue::log_settings_of(*configuration_), enqueue::log_sinks_of(configuration_)),
      process_(static_cast<std::uint64_t>(::getpid())),
      sink_settings_(enqueue::event_sink_settings(*configuration_)) {
    use_system_log(configuration_->tailor.path(config::TailorEntry::syslog_socket));
}

void ConnectionEvents::take(config::ConfigurationPtr configuration) {
    configuration_ = std::move(configuration);
    std::string settings = enqueue::event_sink_settings(*configuration_);
    if (settings == sink_settings_) return;
    sink_settings_ = std::move(settings);
    log_.replace_sinks(enqueue::log_sinks_of(configuration_));
}

ConnectionEvents::Place ConnectionEvents::place_of(const std::string& service) const {
    Place place;
    const config::DispatcherService* found = configuration_->dispatcher.find(service);
    if (found != nullptr) place.channel = channel_of(*found);
    const channel::Channel* channel = configuration_->imta.channels.find(place.channel);
    place.logged = channel != nullptr && channel::has_logging(*channel);
    place.options = enqueue::log_options_of(*configuration_, place.channel);
    return place;
}

Event ConnectionEvents::event_of(EventKind kind, const Place& place, std::uint64_t id) {
    Event event;
    event.kind = kind;
    event.time = system_clock().wall_now();
    event.process = process_.next_operation();
    event.session = id;
    event.logged = place.logged;
    event.source_channel = place.channel;
    event.direction = log::Direction::inbound;
    return event;
}

void ConnectionEvents::arrived(
    const std::string& service, std::uint64_t id, const Endpoint& local, const Endpoint& remote
) {
    if (!log_.wants(EventKind::connection_arrived, false, log_.options())) return;
    const Place place = place_of(service);
    Event event = event_of(EventKind::connection_arrived, place, id);
    event.transport = log::Transport{local, remote};
    log_.write(std::span(&event, 1), place.options);
}

void ConnectionEvents::refused(
    const std::string& service,
    std::uint64_t id,
    const Endpoint& local,
    const Endpoint& remote,
    const access::Verdict& verdict
) {
    const Place place = place_of(service);
    if (!log_.wants(EventKind::connection_refused, place.logged, place.options)) return;
    std::vector<Event> events{event_of(EventKind::connection_refused, place, id)};
    Event& event = events[0];
    event.transport = log::Transport{local, remote};
    event.application = "SMTP";
    event.access_text = verdict.log_text;
    event.cause = log::Cause::port_access;
    for (const std::string& line : verdict.reply.lines)
        event.diagnostic += (event.diagnostic.empty() ? "" : " ") + line;
    if (verdict.transport_record) {
        events.push_back(event);
        events[1].kind = EventKind::connection_tagged;
    }
    log_.write(events, place.options);
}

void ConnectionEvents::connections(
    const std::string& service, const Endpoint& local, std::uint64_t count, std::uint64_t limit
) {
    if (!log_.wants(EventKind::connections_changed, false, log_.options())) return;
    const Place place = place_of(service);
    Event event = event_of(EventKind::connections_changed, place, 0);
    event.transport = log::Transport{local, {}};
    event.count = count;
    event.limit = limit;
    log_.write(std::span(&event, 1), place.options);
}

}  // namespace sluice::dispatcher
