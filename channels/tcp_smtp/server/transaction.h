#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/verdict.h"
#include "enqueue/submission.h"
#include "policy/decision.h"
#include "queue/store.h"
#include "smtp/command.h"

namespace sluice::smtp_server {

/// queue::NotifyFlag bits of a recipient, from what MAIL and RCPT said (RFC 3461 sections 4.1 and
/// 4.3). A plain recipient has the default.
unsigned notify_flags(const smtp::RcptCommand& command, smtp::Ret ret);

/// ORCPT taken apart and decoded (RFC 3461 section 4.2).
struct OriginalRecipient {
    std::string type;
    std::string address;

    /// "rfc822;user@domain", as access tables and logs show it.
    [[nodiscard]] std::string to_string() const { return type + ';' + address; }
};
/// nullopt where the parameter was not given.
std::optional<OriginalRecipient> original_recipient(const smtp::RcptCommand& command);

/// What gathers between MAIL and the end of the data: the envelope, and what access tables asked
/// for on the way. No I/O.
class Transaction {
public:
    /// MAIL was accepted; `now` is what the log counts durations from.
    Transaction(
        smtp::MailCommand command, const policy::SenderDecision& decision, MonoTime now = {}
    );

    /// RCPT was accepted. A destination that another recipient had already is not added again: one
    /// person gets one copy.
    void add(const smtp::RcptCommand& command, policy::RecipientDecision decision);
    /// A filter's wishes. Removes what only these RCPT led to, addresses as the client wrote them.
    /// False, and nothing is changed, where nobody would be left.
    bool remove(const std::vector<std::string>& presented);
    void change_sender(const policy::SenderDecision& decision);
    /// Gives the message its envelope id before it is written, for those who must know it: the
    /// client's ENVID, else a new one.
    void set_envelope_id(queue::Store& store, std::string_view local_host);
    [[nodiscard]] const std::string& envelope_id() const { return envelope_id_; }

    /// One more RCPT came, whatever became of it.
    void note_presented() { ++presented_; }
    /// Takes over what an access table asked of the session, refusal or not: delay and limits.
    void take_effects(const access::Verdict& verdict);

    [[nodiscard]] const smtp::MailCommand& mail() const { return mail_; }
    [[nodiscard]] MonoTime begun() const { return begun_; }
    [[nodiscard]] const std::string& sender() const { return sender_; }
    /// Complete but not rewritten.
    [[nodiscard]] const std::string& completed_sender() const { return completed_sender_; }
    [[nodiscard]] std::uint64_t presented() const { return presented_; }
    [[nodiscard]] const std::vector<enqueue::SubmittedRecipient>& recipients() const {
        return recipients_;
    }
    /// Every accepted RCPT: for refusals of the whole message, and the trace line.
    struct Accepted {
        std::string original;  ///< ORCPT address; empty when none was given
        std::string original_type;
        std::string address;    ///< rewritten
        std::string presented;  ///< as the client wrote it
    };
    [[nodiscard]] const std::vector<Accepted>& accepted() const { return accepted_; }
    /// Of every further reply.
    [[nodiscard]] std::chrono::milliseconds delay() const { return delay_; }
    [[nodiscard]] const access::TransactionLimits& limits() const { return limits_; }
    /// Of the whole message so far.
    [[nodiscard]] const std::vector<std::string>& conversion_tags() const {
        return effects_.conversion_tags;
    }

    /// The envelope part of a submission: sender, recipients, DSN parameters, changes of the
    /// header. Call once, at DATA. With more recipients than `hold_above` the message is held.
    [[nodiscard]] enqueue::Submission submission(std::optional<std::size_t> hold_above) const;

private:
    smtp::MailCommand mail_;
    MonoTime begun_;
    std::string sender_;
    std::string completed_sender_;
    std::string envelope_id_;  ///< empty: it gets one when it is written
    std::vector<enqueue::SubmittedRecipient> recipients_;
    /// Channel and address of each recipient, with its index.
    std::unordered_map<std::string, std::size_t> identities_;
    /// For each recipient the accepted RCPTs that led to it, as indexes.
    std::vector<std::vector<std::size_t>> origins_;
    std::vector<Accepted> accepted_;
    std::uint64_t presented_ = 0;
    std::chrono::milliseconds delay_{0};
    access::TransactionLimits limits_;
    access::MessageEffects effects_;
};

}  // namespace sluice::smtp_server
