#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "channel/channel_table.h"
#include "enqueue/submission.h"

namespace sluice::enqueue {

/// One copy: a message file for one channel with some of the recipients.
struct Copy {
    const channel::Channel* channel = nullptr;
    std::vector<std::size_t> recipients;  ///< indexes into Submission::recipients
    /// Of all its recipients; what makes the copy different from others is taken from here.
    const policy::Destination* shape = nullptr;
    std::string sender = {};  ///< envelope From; not the business of split()
    // What content filters have said of this copy; neither is this.
    std::string hold_reason = {};
    std::vector<std::string> conversion_tags = {};
    std::string filter_text = {};  ///< for the log
    /// Its content has octets above 127 now, whatever came in.
    bool needs_eight_bit = false;
};

/// Spreads recipients over copies by the channels' keywords `single`, `single_sys`, `multiple` and
/// `addrsperfile` (spec page queue, section 7). Order of recipients is kept within a copy; copies
/// stand in the order in which their first recipient came. Recipients whose hold reason, envelope
/// From, header edits, conversion tags or channel after conversion differ never share a copy.
/// Copies point into `recipients`. Recipients whose channel does not exist are left out; the
/// builder refuses such a message. Pure.
std::vector<Copy> split(
    const std::vector<SubmittedRecipient>& recipients, const channel::ChannelTable& channels
);

}  // namespace sluice::enqueue
