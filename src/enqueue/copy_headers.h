#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "enqueue/split.h"
#include "enqueue/submission.h"
#include "lookup/gathering.h"
#include "policy/outgoing_address.h"

namespace sluice::enqueue {

/// What is needed to make headers and envelope From addresses fit for each destination channel.
/// Made by whoever takes mail in: a server session, a channel that processes a message again.
/// Messages of our own have none and go out as they were written.
struct HeaderWork {
    config::ConfigurationPtr configuration;      ///< the snapshot that the message began with
    const channel::Channel* source = nullptr;    ///< of that snapshot
    std::unique_ptr<lookup::Gathering> answers;  ///< not null; of this message alone
    std::string sender;         ///< envelope From, complete, before any rewriting; may be empty
    std::string client_name;    ///< name of the remote host, for the keyword remotehost
    std::string authenticated;  ///< address of the authenticated user; empty: nobody is
};

/// The header of one message in the versions that its copies need. Each version is made once; a
/// message that needs no change has one, its own octets. One message, one thread.
class CopyHeaders {
public:
    /// `fields` is the header up to and including the blank line; empty where its end is not known,
    /// and then nothing in it changes. `fields` and `submission` outlive this. `work` may be null:
    /// only the edits of the submission and of the recipients are made then.
    CopyHeaders(
        std::string_view fields, const Submission& submission, std::unique_ptr<HeaderWork> work
    );

    /// What is the same for all copies. Call first, and again for a new round of the answers: all
    /// that was made before is forgotten. Fails where the message is not taken.
    Result<void> prepare();
    /// An answer is awaited: nothing that was made since prepare() counts, failures neither.
    [[nodiscard]] bool is_pending() const {
        return work_ != nullptr && work_->answers->is_pending();
    }
    /// Envelope From of a copy; `own` is what a mailing list set, if any.
    Result<std::string> sender_for(
        const channel::Channel& destination, const std::optional<std::string>& own
    );
    /// Header of a copy with the edits of its recipients; valid as long as this object.
    Result<std::string_view> header_for(
        const channel::Channel& destination, const message::HeaderEdits& own
    );
    /// `in_front` and `fields` together as the channel's header option file has them; nullopt: as
    /// they are.
    [[nodiscard]] std::optional<std::string> trimmed_for(
        const channel::Channel& destination, std::string_view in_front, std::string_view fields
    ) const;
    /// For the part of a message that is no header of its own: those of embedded messages.
    [[nodiscard]] HeaderWork* work() { return work_.get(); }
    /// The same, to keep; this is of no use afterwards.
    [[nodiscard]] std::unique_ptr<HeaderWork> take_work() { return std::move(work_); }

private:
    using Key = std::pair<const channel::Channel*, message::HeaderEdits>;

    [[nodiscard]] policy::CopyContext context_for(const channel::Channel& destination);
    /// To the component log, each once for the message.
    void tell_warnings();
    [[nodiscard]] std::string_view common() const { return edited_ ? *edited_ : fields_; }

    std::string_view fields_;
    const Submission& submission_;
    std::unique_ptr<HeaderWork> work_;
    std::optional<std::string> edited_;  ///< `fields_` after what all copies share
    std::string sender_;
    std::map<Key, std::optional<std::string>> versions_;  ///< nullopt: common()
    std::map<std::pair<const channel::Channel*, std::string>, std::string> senders_;
    std::set<std::string> warnings_;  ///< of mapping tables, since the last tell_warnings()
    std::set<std::string> told_;
};

/// "X-Envelope-to: address" where the channel asks for it and the copy has one recipient; else
/// empty: more would tell each who the others are.
std::string envelope_to_field(const Copy& copy, const Submission& submission);

}  // namespace sluice::enqueue
