#include "connection_log.h"

#include "log/process_field.h"

namespace sluice::tcp_client {

std::string ConnectionLog::application(const std::string& dns_host) const {
    std::string text =
        log::application_text(context_.lmtp ? "LMTP" : "SMTP", destination_, dns_host);
    return tls_.empty() ? text : text + '/' + tls_;
}

void ConnectionLog::opened(const log::Transport& transport, const std::string& dns_host) const {
    write(log::EventKind::connection_opened, transport, dns_host, {});
}

void ConnectionLog::closed(
    const log::Transport& transport,
    const std::string& dns_host,
    const std::string& reason,
    const SessionMeasures& measures
) const {
    write(log::EventKind::connection_closed, transport, dns_host, reason, measures);
}

void ConnectionLog::failed(
    const log::Transport& transport, const std::string& dns_host, const std::string& reason
) const {
    write(log::EventKind::connection_failed, transport, dns_host, reason);
}

void ConnectionLog::warn(const std::string& text) const {
    log::TransactionLog& log = context_.runtime.log();
    if (!log.wants(log::EventKind::delivery_warning, context_.logs, context_.log_options)) return;
    log::Event event;
    event.kind = log::EventKind::delivery_warning;
    event.logged = context_.logs;
    event.time = context_.runtime.store().clock().wall_now();
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = context_.channel;
    event.direction = log::Direction::outbound;
    event.diagnostic = text;
    log.write(std::span(&event, 1), context_.log_options);
}

void ConnectionLog::write(
    log::EventKind kind,
    const log::Transport& transport,
    const std::string& dns_host,
    const std::string& diagnostic,
    const SessionMeasures& measures
) const {
    log::TransactionLog& log = context_.runtime.log();
    if (!log.wants(kind, context_.logs, context_.log_options)) return;
    log::Event event;
    event.logged = context_.logs;
    event.kind = kind;
    event.time = context_.runtime.store().clock().wall_now();
    event.node = context_.runtime.site().node;
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = context_.channel;
    event.direction = log::Direction::outbound;
    event.transport = transport;
    event.application = application(dns_host);
    event.diagnostic = diagnostic;
    event.session_time = measures.time;
    event.session_messages = measures.messages;
    event.session_bytes = measures.octets;
    log.write(std::span(&event, 1), context_.log_options);
}

}  // namespace sluice::tcp_client
