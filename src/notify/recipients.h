#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "notify/notice.h"

namespace sluice::notify {

/// sendpost, copysendpost, errsendpost, nosendpost and the warnpost family; `usual` is none of
/// them.
enum class PostmasterRule { usual, always, copy, on_error, never };

struct PlanSettings {
    PostmasterRule failures = PostmasterRule::usual;
    PostmasterRule warnings = PostmasterRule::usual;
    std::string postmaster;                 ///< address the postmaster's copies go to
    bool disable_delivery_receipt = false;  ///< DISABLE_DELIVERY_RECEIPT
    bool error_returns_suppressed = false;  ///< blank Errors-to (Warnings-to), where honoured
    /// The sender's address cannot be mailed to (invalid, or the notice was refused).
    bool sender_unreachable = false;
};

/// Who is told about which recipients; indices into the list given.
struct NoticePlan {
    std::vector<std::size_t> for_sender;      ///< log R (W for warnings)
    std::vector<std::size_t> for_postmaster;  ///< those equal to for_sender share its message
    std::vector<std::size_t> unreported;      ///< the sender is not told: log K when given up
    bool hold = false;  ///< the postmaster's own mail fails: keep the message .HELD
    [[nodiscard]] bool shares_one_message() const {
        return !for_sender.empty() && for_sender == for_postmaster;
    }
    [[nodiscard]] bool is_silent() const { return for_sender.empty() && for_postmaster.empty(); }
};

/// Applies NOTIFY, the postmaster rules (notifications.md section 7) and the loop guard of section
/// 2: there is never a notification to the sender of a notification. Pure.
[[nodiscard]] NoticePlan plan_notice(
    NoticeKind kind,
    std::string_view sender,
    const std::vector<NoticeRecipient>& recipients,
    const PlanSettings& settings
);

/// Envelope From of a notice: empty, or the postmaster with bit 0 of
/// RETURN_ENVELOPE/returnenvelope.
[[nodiscard]] std::string notice_sender(unsigned return_envelope, std::string_view postmaster);

}  // namespace sluice::notify
