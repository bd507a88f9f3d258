#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "smtp/command.h"
#include "smtp/reply.h"

namespace sluice::smtp {

/// What a server session wants of the shell around it. "Question" means: nothing more is read from
/// the peer until ServerSession::answer().
namespace server_action {

/// All input is used up: write the output, read more.
struct NeedInput {};
/// Much output is waiting: write it, then call again with the same input.
struct Flush {};
/// A question is open: write the output; call again after answer().
struct AwaitAnswer {};

/// Question: may this sender send? 2yz opens the transaction.
struct AskMail {
    MailCommand command;
};
/// Question: may this recipient get it? 2yz adds it.
struct AskRecipient {
    RcptCommand command;
};
/// Question: VRFY. `vague` asks for an answer that gives nothing away (252).
struct AskVerify {
    std::string argument;
    bool vague = true;
};
/// Question: EXPN.
struct AskExpand {
    std::string argument;
};
/// Question: ETRN. The argument as given, with '@' or '#'.
struct AskEtrn {
    std::string argument;
};
/// Question: XADR, XSTA, XCIR or XGEN.
struct AskPrivate {
    std::string verb;
    std::string argument;
};
/// Question: DATA, or the first BDAT. Open the message files and answer 354 (BDAT: any 2yz or 354;
/// it is not sent); any other answer refuses the message.
struct BeginData {
    bool chunking = false;
};
/// Octets of the message, in order, line ends CR LF, dots undone. The view is valid until the
/// buffer that was fed changes. Should writing fail, ServerSession::refuse_data() now.
struct DataChunk {
    std::string_view octets;
};
/// Question: the message is complete. Commit it, then answer. 2yz means it is on stable storage.
struct EndData {
    std::uint64_t octets = 0;
    bool has_eight_bit = false;
    bool has_nul = false;
};

enum class AbortReason {
    reset,       ///< RSET, or HELO, EHLO, STARTTLS in the middle of a transaction
    refused,     ///< the core refused the message: `reply` went out
    failed,      ///< the shell refused the message: its reply went out
    quit,        ///< QUIT in the middle of a transaction
    disconnect,  ///< the peer is gone
    timeout,
    shutdown,
    closed,  ///< a limit closed the connection
};
/// The open transaction ended without a message: forget the envelope, delete what was written.
struct Abort {
    AbortReason reason = AbortReason::reset;
    bool in_data = false;  ///< DATA had been accepted
    Reply reply;           ///< what the peer was told, for refused and failed (log entry J)
};

/// Stands for words that may be a password.
inline constexpr std::string_view not_shown = "(not shown)";

/// A command that could not be understood was answered with `reply` (log entry B). At most
/// max_b_entries of them come in a connection; `last` marks the one that reaches the number.
struct BadCommand {
    std::string command;  ///< sanitised, without AUTH arguments and what may be some
    Reply reply;
    bool hostile = false;  ///< one of hostile_commands
    bool last = false;
    bool unknown = false;  ///< no command has that name
};
/// A limit, not the shell, refused MAIL or RCPT with `reply` (log entry J). A refused message comes
/// as Abort.
struct Refused {
    enum class What { sender, recipient };
    What what = What::sender;
    std::string address;  ///< raw path
    Reply reply;
};

/// Write the output, do the TLS handshake, then ServerSession::tls_started() or on_disconnect().
/// Drop every octet that was read before the handshake.
struct StartTls {};
/// Question: AUTH. 334 asks the client on (the reply's text is sent as is), 235 accepts.
struct AskAuth {
    std::string mechanism;
    std::optional<std::string> initial_response;  ///< base64; "=" stands for an empty one
};
/// Question: the client's answer to 334, base64; "*" gives up: answer replies::auth_cancelled().
struct AuthResponse {
    std::string response;
};

enum class CloseReason {
    quit,
    disconnect,
    timeout,
    shutdown,
    refused,  ///< at the greeting
    early_talker,
    bad_commands,
    bad_auth,
    transactions,
    recipients,
    rejections,
    answer_421,  ///< the shell's own 421
    endless_input,
    tls_failed,
    bad_chunk,  ///< BDAT without a usable length: nobody knows where the next command begins
};
/// Write the output and close. Comes again for every further call.
struct Close {
    CloseReason reason = CloseReason::quit;
};

}  // namespace server_action

using ServerAction = std::variant<
    server_action::NeedInput,
    server_action::Flush,
    server_action::AwaitAnswer,
    server_action::AskMail,
    server_action::AskRecipient,
    server_action::AskVerify,
    server_action::AskExpand,
    server_action::AskEtrn,
    server_action::AskPrivate,
    server_action::BeginData,
    server_action::DataChunk,
    server_action::EndData,
    server_action::Abort,
    server_action::BadCommand,
    server_action::Refused,
    server_action::StartTls,
    server_action::AskAuth,
    server_action::AuthResponse,
    server_action::Close>;

/// Fixed words, for the log and for tests.
std::string_view to_word(server_action::AbortReason reason);
std::string_view to_word(server_action::CloseReason reason);
std::string to_debug_string(const ServerAction& action);

}  // namespace sluice::smtp
