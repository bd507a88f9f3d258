#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "channel/channel.h"
#include "log/event.h"
#include "log/log_options.h"
#include "message/received.h"
#include "policy/destination.h"
#include "queue/envelope.h"

// The one way into the queue. An SMTP session, the process channel, a channel program that bounces:
// whoever has a message describes it as a Submission and streams its content through a
// MessageBuilder, which writes the copies that the destination channels need.
namespace sluice::enqueue {

/// One accepted recipient: where it goes, and what the sender said about it.
struct SubmittedRecipient {
    policy::Destination destination;
    std::string original;                     ///< ORCPT address, else as first presented
    std::string original_type = "rfc822";     ///< ORCPT address type
    unsigned notify = queue::default_notify;  ///< queue::NotifyFlag bits
    std::string presented = {};               ///< as the client wrote it; empty where unknown
};

/// Everything about a message besides its content. A plain value.
struct Submission {
    std::string source_channel;
    std::string source_host;  ///< official host name of the source channel
    std::string sender;       ///< rewritten, without brackets; empty for the null reverse path
    std::string owner;        ///< account, or "*name" after SMTP AUTH
    std::string envelope_id;  ///< ENVID; empty: one is made
    queue::ReturnContent ret = queue::ReturnContent::unspecified;
    std::vector<std::string> features;     ///< "8BITMIME", ...
    std::optional<std::string> transport;  ///< transport and application information, record `o`
    std::optional<WallTime>
        enqueued;  ///< set when the message was in the queue before: ages count from here
    queue::ContentEncoding encoding = queue::ContentEncoding::crlf;
    std::vector<SubmittedRecipient> recipients;
    /// The content filters that the source channel asks for have seen the message.
    bool source_filtered = false;
    /// A client waits for the reply to the content: it can be refused.
    bool from_client = false;
    /// The channel reprocess, or one of its kind, runs the message again.
    bool requeued = false;

    /// The trace line to put in front; `id`, `time` and the for clause are filled in by the
    /// builder. nullopt: none.
    std::optional<message::ReceivedLine> received;
    bool received_for = true;  ///< with a for clause where there is one recipient (receivedfor)
    /// A further header line in front of the content, complete with CRLF; may be empty.
    std::string extra_header;
    message::HeaderEdits header_edits;         ///< made in every copy, before a recipient's own
    std::vector<std::string> conversion_tags;  ///< of every copy, besides a recipient's own

    /// What enqueue entries of the log say about the source: modifiers, source, transport,
    /// application, username, original_message_id, filter, and `time`, when the transaction began.
    /// The builder fills in the rest.
    log::Event log_template;
};

}  // namespace sluice::enqueue
