#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "access/access.h"
#include "base/clock.h"
#include "config/configuration.h"
#include "jobs/protocol.h"
#include "mapping/answers.h"
#include "session_settings.h"
#include "smtp/reply.h"

// ETRN: a client asks us to deliver what waits for a host or a channel (RFC 1985; spec page
// smtp-channel, section 4.4).
namespace sluice::smtp_server {

/// What to ask the job controller for.
struct EtrnOrder {
    jobs::Run run;
    std::string subject;  ///< host or channel, for the reply
    bool named = false;   ///< allowetrn: the reply names the channel
};
/// An order, or the reply that refuses. `argument`: "host", "@host" or "#channel". Pure.
std::variant<EtrnOrder, smtp::Reply> plan_etrn(
    const config::Configuration& configuration,
    const channel::Channel& source,
    SourceSettings::Etrn mode,
    const access::Session& session,
    std::string_view argument,
    mapping::Answers& answers
);

/// Carries the order out: 251 when nothing waits, 252 when something was started, 458 when the job
/// controller cannot be asked. Blocks for a few seconds at most.
smtp::Reply run_etrn(const EtrnOrder& order, const std::string& job_controller_socket);

/// 250, for a request that was made a moment ago.
smtp::Reply etrn_repeated(const EtrnOrder& order);

/// Requests of the last minute: the same one again starts nothing. Thread-safe.
class EtrnMemory {
public:
    /// True when `order` is new or old enough to be carried out; it is remembered then.
    bool is_due(const EtrnOrder& order, MonoTime now);

private:
    std::mutex mutex_;
    std::map<std::string, MonoTime> last_;
};

}  // namespace sluice::smtp_server
