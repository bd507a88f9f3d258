#include "config/log_options.h"

#include <array>
#include <cstdint>

namespace sluice::config {

namespace {

enum class LoggedCommand : std::uint8_t { mail, rcpt };

constexpr std::array command_names{
    log::EventSwitches::name("mail", LoggedCommand::mail),
    log::EventSwitches::name("rcpt", LoggedCommand::rcpt),
};

}  // namespace

std::span<const log::EventSwitches::Name> logged_command_names() {
    return command_names;
}

log::LogOptions transaction_log_options(const Options& options, std::string_view local_host) {
    const auto mask = [&](OptionId id) { return static_cast<unsigned>(options.integer(id)); };
    const auto on = [&](OptionId id) { return options.integer(id) != 0; };
    log::LogOptions out;
    out.format = static_cast<int>(options.integer(OptionId::log_format));
    out.connection = mask(OptionId::log_connection);
    out.diagnostics = mask(OptionId::log_diagnostics);
    out.intermediate = mask(OptionId::log_intermediate);
    out.reason = mask(OptionId::log_reason);
    out.remote_mta = mask(OptionId::log_remote_mta);
    out.envelope_id = on(OptionId::log_envelope_id);
    out.filename = on(OptionId::log_filename);
    out.filter = on(OptionId::log_filter);
    out.hold = on(OptionId::log_hold);
    out.local = on(OptionId::log_local);
    out.message_id = on(OptionId::log_message_id);
    out.modifiers = on(OptionId::log_modifiers);
    out.node = on(OptionId::log_node);
    out.notary = on(OptionId::log_notary);
    out.priority = on(OptionId::log_priority);
    out.process = on(OptionId::log_process);
    out.queue_time = on(OptionId::log_queue_time);
    out.sensitivity = on(OptionId::log_sensitivity);
    out.session = on(OptionId::log_session);
    out.timing = on(OptionId::log_timing);
    out.username = on(OptionId::log_username);
    if (const std::string& commands = options.text(OptionId::log_commands); !commands.empty()) {
        const auto switches = log::EventSwitches::parse(commands, logged_command_names());
        out.mail_commands = switches.has(LoggedCommand::mail);
        out.recipient_commands = switches.has(LoggedCommand::rcpt);
    }
    out.separate_connection_log = on(OptionId::separate_connection_log);
    out.messages_syslog = options.integer(OptionId::log_messages_syslog);
    out.connections_syslog = options.integer(OptionId::log_connections_syslog);
    out.block_size = static_cast<std::uint64_t>(options.integer(OptionId::block_size));
    out.local_host = local_host;
    return out;
}

}  // namespace sluice::config
