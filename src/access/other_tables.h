#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "access/access.h"

// The smaller access tables: authentication, ETRN, outbound connections, dequeuing, HTTP. Each has
// its own few answers; imta_access(5) has them all. Pure, as access.h.
namespace sluice::access {

/// Whether a user whose password was right may log in here. A refusal carries the 535 reply.
Verdict check_auth(
    const Context& context,
    const Session& session,
    std::string_view mechanism,
    std::string_view user,
    std::string_view source_channel
);

/// What to do about an ETRN command.
struct EtrnVerdict {
    enum class Action : std::uint8_t {
        by_channel,  ///< the table says nothing: the channel keywords decide
        refuse,      ///< with `reply`
        attempt,     ///< run the queue for the system asked for
        run_channel  ///< run `channel`, if there is one of that name
    };
    Action action = Action::by_channel;
    bool pending = false;
    Reply reply;
    std::string channel;
};
/// `claimed_system` is the argument of the command as it came, `full_name` what is made of it.
EtrnVerdict check_etrn(
    const Context& context,
    const Session& session,
    std::string_view claimed_system,
    std::string_view full_name
);

/// One address the client is about to connect to.
struct OutboundAddress {
    std::string source_channel;
    std::uint64_t number = 1;  ///< counted from 1
    std::uint64_t count = 1;
    IpAddress address;
    std::string host;
};
struct OutboundVerdict {
    enum class Action : std::uint8_t {
        connect,
        skip,          ///< go on with the next address
        use_instead,   ///< connect to `instead`
        fail_message,  ///< invalid host; `text` is for the log only
    };
    Action action = Action::connect;
    bool pending = false;
    std::optional<IpAddress> instead;
    std::string text;
    std::vector<std::string> warnings;
};
OutboundVerdict check_outbound(const Context& context, const OutboundAddress& candidate);

/// A message that is about to be processed.
struct QueuedMessage {
    std::string channel;
    std::string filename;                            ///< with its path
    std::optional<std::chrono::seconds> queue_time;  ///< -1 in the probe if not known
    std::string envelope_from;
    std::string auth_parameter;
    std::string auth_sender;
    std::string priority;  ///< as MT-PRIORITY has it: "-4" to "4"
    std::string domain;
    std::vector<std::string> conversion_tags;
    std::uint64_t retries = 0;
    bool read_only = false;  ///< a utility only looks
};
struct DequeueVerdict {
    bool postpone = false;  ///< leave it for later, without raising its retry count
    bool pending = false;
    std::optional<std::chrono::seconds> next_attempt_after;
    std::vector<std::string> warnings;
};
DequeueVerdict check_dequeue(const Context& context, const QueuedMessage& message);

/// A request of the HTTP server for what is not meant for everybody on this host.
struct HttpRequest {
    Endpoint client;
    Endpoint server;
    std::string method;
    std::string path;
};
/// Whether HTTP_ACCESS permits it: only what an entry with `$Y` says. Without the table nothing is.
bool check_http(const Context& context, const HttpRequest& request);

}  // namespace sluice::access
