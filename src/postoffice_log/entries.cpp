#include "postoffice_log/entries.h"

#include <array>

namespace sluice::postoffice_log {

namespace {

constexpr auto name = log::EventSwitches::name<Entry>;

constexpr std::array names{
    name("SMTP-Accept", Entry::connect),
    name("SMTP-Accept:Connect", Entry::connect),
    name("Connect", Entry::connect),
    name("SMTP-Accept", Entry::close),
    name("SMTP-Accept:Close", Entry::close),
    name("Close", Entry::close),
    name("SMTP-Accept", Entry::abort),
    name("SMTP-Accept:Abort", Entry::abort),
    name("Abort", Entry::abort),
    name("SMTP-Accept", Entry::timeout),
    name("SMTP-Accept:Timeout", Entry::timeout),
    name("Timeout", Entry::timeout),
    name("SMTP-Accept", Entry::received),
    name("SMTP-Accept:Received", Entry::received),
    name("SMTP-Accept:Receive", Entry::received),
    name("Received", Entry::received),
    name("Receive", Entry::received),
    name("SMTP-Accept", Entry::system),
    name("SMTP-Accept:System", Entry::system),
    name("System", Entry::system),
    name("SMTP-Accept", Entry::alert),
    name("SMTP-Accept:Alert", Entry::alert),
    name("Alert", Entry::alert),
    name("SMTP-Accept", Entry::connection_refused),
    name("SMTP-Accept:ConnectionRefused", Entry::connection_refused),
    name("ConnectionRefused", Entry::connection_refused),
    name("SMTP-Accept", Entry::sender_blocked),
    name("SMTP-Accept:SenderBlocked", Entry::sender_blocked),
    name("SenderBlocked", Entry::sender_blocked),
    name("SMTP-Accept", Entry::relay_denied),
    name("SMTP-Accept:RelayDenied", Entry::relay_denied),
    name("RelayDenied", Entry::relay_denied),
    name("SMTP-Accept", Entry::queue_request),
    name("SMTP-Accept:QueueRequest", Entry::queue_request),
    name("QueueRequest", Entry::queue_request),
    name("SMTP-Accept", Entry::expand),
    name("SMTP-Accept:Expand", Entry::expand),
    name("Expand", Entry::expand),
    name("SMTP-Accept", Entry::verify),
    name("SMTP-Accept:Verify", Entry::verify),
    name("Verify", Entry::verify),
    name("Mailbox-Deliver", Entry::mailbox_deliver),
    name("Program-Deliver", Entry::program_deliver),
    name("SMTP-Deliver", Entry::deliver),
    name("SMTP-Deliver", Entry::deliver_warning),
    name("SMTP-Deliver:Warning", Entry::deliver_warning),
    name("Warning", Entry::deliver_warning),
    name("SMTP-Router", Entry::router),
    name("Error-Handler", Entry::error_handler),
};

}  // namespace

std::span<const log::EventSwitches::Name> entry_names() {
    return names;
}

}  // namespace sluice::postoffice_log
