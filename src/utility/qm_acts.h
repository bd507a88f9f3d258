#pragma once

#include <string>
#include <vector>

#include "dequeue/disposition.h"
#include "dequeue/settlement.h"
#include "enqueue/runtime.h"
#include "log/event.h"
#include "queue/exported_message.h"
#include "queue/message_file.h"
#include "utility/qm_session.h"

namespace sluice::utility {

/// A message that the operator's command has locked.
struct OwnedMessage {
    queue::MessageFile file;
    queue::MessageLocation before;  ///< where it was when it was locked: this name is logged
};

/// What operators do to one message: the change of the queue, the entries in mail.log, the word to
/// the job controller. Says nothing to the operator. One thread.
class MessageActs {
public:
    /// `user`: who does it, for log and history.
    MessageActs(QmSession& session, enqueue::Runtime& runtime, std::string user)
        : session_(session), runtime_(runtime), user_(std::move(user)) {}
    ~MessageActs();
    MessageActs(const MessageActs&) = delete;
    MessageActs& operator=(const MessageActs&) = delete;

    /// Gone without a word; K for each recipient.
    Result<void> remove(OwnedMessage& message, const std::string& why);
    /// Back to the sender, who must not be empty. The report is on stable storage before the
    /// message goes.
    Result<void> bounce(OwnedMessage& message, const std::string& reason);
    /// The same as if its time had run out (5.4.7).
    Result<void> expire(OwnedMessage& message);
    /// `keyword` as in spec page queue, section 9: operator, clean.
    Result<void> hold(OwnedMessage& message, const std::string& keyword, const std::string& reason);
    Result<void> release(OwnedMessage& message, const std::string& reason);
    /// Tried as soon as possible; false: the job controller does not know it as waiting.
    Result<bool> retry(const OwnedMessage& message);
    /// One recipient goes on under another address, through channel reprocess, which routes it. The
    /// recipient's first address stays its original recipient. `recipient` is an index into the
    /// envelope. A held message stays held. Returns where the recipient is now.
    Result<queue::MessageLocation> readdress(
        OwnedMessage& message, std::size_t recipient, const std::string& address
    );
    /// Another envelope sender. Returns where the message is now.
    Result<queue::MessageLocation> change_sender(OwnedMessage& message, const std::string& sender);

    /// A message that export made elsewhere, into the queue of `channel`; held where `hold` is set.
    /// Returns where it is.
    Result<queue::MessageLocation> import_message(
        const queue::ExportedMessage& message, const std::string& channel, bool hold
    );
    /// All but the oldest `kept` trace fields of each kind leave the header of a held message,
    /// which is released. Returns how many did.
    Result<std::size_t> release_stripped(
        OwnedMessage& message, std::size_t kept, const std::string& reason
    );

    /// A message that is to be tried now, ahead of all others. False: nobody could be told.
    bool announce(queue::MessageFile& file, const queue::MessageLocation& location, bool ahead);

private:
    Result<void> give_up(
        OwnedMessage& message,
        dequeue::Notice kind,
        const dequeue::Disposition& disposition,
        StatusCode status,
        const std::string& why,
        const std::string& reason
    );
    [[nodiscard]] queue::Actor actor() const;
    [[nodiscard]] std::string by_operator(const std::string& reason) const;
    [[nodiscard]] const channel::Channel& channel_for_notice(const OwnedMessage& message) const;
    [[nodiscard]] unsigned subdirectories(const std::string& channel) const;
    Result<std::vector<log::Event>> events_about(
        OwnedMessage& message,
        log::EventKind kind,
        const std::vector<bool>& told,
        const std::string& diagnostic,
        const std::string& reason
    );
    [[nodiscard]] std::vector<log::Event> enqueue_events(
        const queue::MessageLocation& location,
        const queue::Envelope& envelope,
        std::uint64_t bytes,
        const std::string& source_channel
    ) const;
    Result<queue::MessageLocation> move_recipient(
        OwnedMessage& message, const queue::Recipient& recipient
    );
    [[nodiscard]] queue::HistoryRecord history_line(
        queue::HistoryCode code, unsigned attempt, std::string text
    ) const;
    Result<void> drop_recipient(OwnedMessage& message, std::size_t recipient);
    void write_log(const std::string& channel, const std::vector<log::Event>& events);
    /// The job controller is told about many at a time.
    void forget(const queue::MessageLocation& location);
    void tell_forgotten();
    void announce_location(const queue::MessageLocation& location);

    QmSession& session_;
    enqueue::Runtime& runtime_;
    std::string user_;
    std::vector<jobs::Forget> forgotten_;
};

/// The recipient's priority class as the job controller knows it.
jobs::Priority priority_of(const queue::Envelope& envelope);

}  // namespace sluice::utility
