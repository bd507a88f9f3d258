#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smtp/command.h"
#include "smtp/reply.h"

namespace sluice::smtp {

struct OutgoingRecipient {
    std::string path;  ///< without angle brackets
    Notify notify;
    std::string orcpt;  ///< "type;xtext" or empty
};

/// The envelope of one message to be sent.
struct OutgoingMessage {
    std::string sender;  ///< without angle brackets; empty for the null sender
    std::vector<OutgoingRecipient> recipients;
    std::uint64_t size = 0;  ///< octets with CR LF line ends; 0: not known
    bool eight_bit = false;  ///< the content has octets above 127
    bool smtputf8 = false;   ///< needs SMTPUTF8, whatever the recipients are
    Ret ret = Ret::unspecified;
    std::string envid;  ///< xtext or empty
    std::string auth;   ///< AUTH=, xtext or "<>"; empty: nothing is known of the submitter
};

/// How far the dialogue is. Names the deadline in force and, in an outcome, where it came about.
enum class Phase {
    greeting,
    hello,
    starttls,
    auth,
    reset,
    mail,
    rcpt,
    data,
    body,
    dot,
    quit,
    idle
};
std::string_view to_word(Phase phase);

namespace client_event {

/// Write the output, then wait for octets from the peer, within the deadline of phase().
struct NeedInput {};
/// The session waits for a call of the shell: begin(), quit(), append_body() ...
struct AwaitShell {};
/// The greeting is over: see capabilities(). begin() or quit() now.
struct Ready {};
/// Write the output, do the handshake, then tls_started().
struct StartTls {};
/// Authenticate: auth_command() now.
struct AskAuth {};
/// The reply to auth_command(): send another, or auth_finished().
struct AuthReply {
    Reply reply;
};
/// The peer waits for the message: append_body() ..., end_body().
struct SendBody {};

enum class Outcome { delivered, temporary, permanent };
/// The final word about one recipient of the transaction; comes exactly once for each.
struct RecipientDone {
    std::size_t index = 0;  ///< in OutgoingMessage::recipients
    Outcome outcome = Outcome::temporary;
    Phase phase = Phase::rcpt;
    /// What the log shows: the reply to this recipient's RCPT, replaced by a later failure. Code 0:
    /// the peer said nothing of the kind, the text is ours.
    Reply reply;
    /// The reply after the dot, for delivered ones (LMTP: this recipient's).
    Reply final_reply;
    /// The connection broke between the dot and its reply: the peer may have the message.
    bool possible_duplicate = false;
};
/// All recipients of the transaction have their word. begin() again, or quit(), unless Unusable
/// follows.
struct TransactionDone {
    std::size_t delivered = 0;
};
/// Nothing more can be done with this connection: close it. Comes again for every further call.
struct Unusable {
    enum class Reason {
        refused,   ///< greeting or EHLO got 4yz or 5yz: `reply`
        closing,   ///< 421
        nonsense,  ///< the peer broke the protocol
        lost,      ///< the connection went away
        timeout,
        no_tls,   ///< TLS is demanded and was not to be had
        bad_tls,  ///< the handshake failed, or its outcome is not what is demanded
        no_auth,  ///< so was authentication
    };
    Reason reason = Reason::lost;
    Phase phase = Phase::greeting;
    Reply reply;  ///< code 0: ours
};
/// QUIT was answered: close.
struct Finished {};

}  // namespace client_event

using ClientEvent = std::variant<
    client_event::NeedInput,
    client_event::AwaitShell,
    client_event::Ready,
    client_event::StartTls,
    client_event::AskAuth,
    client_event::AuthReply,
    client_event::SendBody,
    client_event::RecipientDone,
    client_event::TransactionDone,
    client_event::Unusable,
    client_event::Finished>;

std::string_view to_word(client_event::Outcome outcome);
std::string_view to_word(client_event::Unusable::Reason reason);
std::string to_debug_string(const ClientEvent& event);

}  // namespace sluice::smtp
