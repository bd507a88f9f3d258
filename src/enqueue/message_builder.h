#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "channel/channel_table.h"
#include "enqueue/copy_headers.h"
#include "enqueue/fragmenting.h"
#include "enqueue/prepared_message.h"
#include "enqueue/submission.h"
#include "message/header_scanner.h"
#include "message/header_trim.h"

namespace sluice::converter {
class Reformatter;
}
namespace sluice::filter {
class CopyFilters;
}

namespace sluice::enqueue {

/// What becomes of a message that goes in circles (LOOP_ACTION).
enum class LoopAction : std::uint8_t { hold, reject, return_to_sender };

/// What the configuration says about every message.
struct MessageLimits {
    message::TraceLimits trace;
    LoopAction loop_action = LoopAction::hold;
    std::uint64_t header_bytes = 2000UL * 1024;  ///< HEADER_LIMIT; more is thrown away
    bool one_header_limit = false;               ///< HEADER_LIMIT is set: headerlimit does nothing
    std::uint64_t block_size = 1024;             ///< BLOCK_SIZE
    PieceLimits header_shares;                   ///< MAX_HEADER_BLOCK_USE, MAX_HEADER_LINE_USE
    std::string local_host;                      ///< for generated envelope ids
    std::vector<std::string> local_names;        ///< names that make a Received line one of ours
    /// Of copies, by the keywords of their channels; null: there are none.
    std::shared_ptr<filter::CopyFilters> filters;
    /// log_header.opt; null: no header lines are logged.
    std::shared_ptr<const message::HeaderOptions> logged_headers;
    bool log_header = false;  ///< LOG_HEADER
    /// CHARSET-CONVERSION; null: there is no such table.
    std::shared_ptr<const converter::Reformatter> reformatter;
};

/// Takes the content of one message as it comes and writes all its copies. The header is kept in
/// memory until it is complete, since the envelope depends on it (message id, priority, loop
/// detection); the body is not. Destroying an unfinished builder leaves nothing behind. Not for use
/// from two threads.
class MessageBuilder {
public:
    /// `channels` must outlive the builder. `log_options` are those of the source channel. Without
    /// `header_work` header and envelope From go into the copies as they are.
    MessageBuilder(
        Site& site,
        const channel::ChannelTable& channels,
        const MessageLimits& limits,
        Submission submission,
        const log::LogOptions& log_options,
        std::unique_ptr<HeaderWork> header_work = nullptr
    );
    ~MessageBuilder();
    MessageBuilder(MessageBuilder&&) noexcept;
    MessageBuilder& operator=(MessageBuilder&&) noexcept;

    /// Content as received, CRLF line ends, cut anywhere. After a failure the builder only repeats
    /// it. A message without recipients, or with one for a channel that does not exist, fails
    /// (temporary): it is never taken without them. Where there is no channel `bitbucket`, what is
    /// for it is logged as if there were, and no file is made.
    Result<void> append(std::string_view bytes);
    /// The content is complete. finish() does it by itself; for those who ask must_wait() before.
    void end();
    Result<PreparedMessage> finish();
    /// The header work needs an answer that somebody must be waited for, for seconds perhaps. Then
    /// get_answers() waits, and so would the next append() or finish().
    [[nodiscard]] bool must_wait() const;
    /// Waits and opens the copies. On any thread, while no other uses the builder. A failure is
    /// what the next append() or finish() returns.
    void get_answers();
    /// finish() asks content filters and waits for them, or reads the content once more to reformat
    /// it. Known once the content has ended.
    [[nodiscard]] bool waits_to_finish() const;
    /// Octets taken so far.
    [[nodiscard]] std::uint64_t size() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sluice::enqueue
