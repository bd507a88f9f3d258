#include "dequeue/dequeue_access.h"

#include "base/bytes.h"
#include "policy/recipient.h"

namespace sluice::dequeue {

namespace {

/// What stands behind `name`, "AUTH=" for one; nullopt: the envelope does not have it.
std::optional<std::string> feature_value(const queue::Envelope& envelope, std::string_view name) {
    for (const std::string& feature : envelope.features) {
        if (starts_with_ignoring_case(feature, name)) return feature.substr(name.size());
    }
    return std::nullopt;
}

/// MT-PRIORITY where the message came with one, else a number for its class on the same scale: 0 is
/// normal, higher goes first.
std::string priority_number(const queue::Envelope& envelope) {
    if (auto given = feature_value(envelope, "MT-PRIORITY=")) return *given;
    if (envelope.priority == "urgent") return "4";
    return envelope.priority == "normal" ? "0" : "-4";
}

std::string domain_of(const queue::Envelope& envelope) {
    const queue::Recipient& first = envelope.recipients.front();
    if (first.host) return *first.host;
    const std::size_t at = first.address.rfind('@');
    return at == std::string::npos ? std::string() : first.address.substr(at + 1);
}

}  // namespace

access::DequeueVerdict check_dequeue(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const queue::MessageFile& file,
    const std::string& queue_root,
    const std::string& host,
    WallTime now,
    mapping::Answers& answers
) {
    const queue::Envelope& envelope = file.envelope();
    const queue::MessageLocation& location = file.location();
    access::QueuedMessage message;
    message.channel = channel.name();
    message.filename = location.path(queue_root);
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - envelope.enqueued);
    if (age.count() >= 0) message.queue_time = age;
    message.envelope_from = envelope.sender;
    // An owner "*name" came by SMTP with authentication.
    if (envelope.owner.starts_with('*')) message.auth_sender = envelope.owner.substr(1);
    message.auth_parameter = feature_value(envelope, queue::feature_auth).value_or("");
    message.priority = priority_number(envelope);
    message.domain = host.empty() ? domain_of(envelope) : host;
    message.conversion_tags = envelope.conversion_tags;
    message.retries = location.name.attempts;
    const access::Options options = policy::access_options(configuration);
    return access::check_dequeue({configuration.mappings, options, answers, nullptr}, message);
}

}  // namespace sluice::dequeue
