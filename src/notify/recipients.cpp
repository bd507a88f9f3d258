#include "notify/recipients.h"

#include <algorithm>

#include "base/bytes.h"
#include "log/event.h"

namespace sluice::notify {

namespace {

bool wants(NoticeKind kind, unsigned flags) {
    namespace notary = log::notary;
    const bool never = (flags & notary::never) != 0 && (flags & notary::on_failure) == 0;
    if (never) return false;
    if (is_failure(kind)) return (flags & notary::on_failure) != 0;
    if (is_warning(kind)) return (flags & notary::on_delay) != 0;
    return (flags & notary::on_success) != 0;
}

// Whether the postmaster gets a copy about a recipient. `wanted`: NOTIFY asks for a notice;
// `has_sender`: there is somebody to return it to.
bool postmaster_gets(
    PostmasterRule rule, bool wanted, bool has_sender, const PlanSettings& settings
) {
    switch (rule) {
        case PostmasterRule::always:
            return true;
        case PostmasterRule::copy:
            return wanted && has_sender;
        case PostmasterRule::on_error:
            return wanted && (!has_sender || settings.sender_unreachable);
        case PostmasterRule::never:
            return false;
        case PostmasterRule::usual:
            break;
    }
    return wanted && has_sender && !settings.error_returns_suppressed;
}

// Nothing is gained by mailing the postmaster that mail to the postmaster fails.
bool is_postmaster_mail(
    std::string_view sender,
    const std::vector<NoticeRecipient>& recipients,
    const PlanSettings& settings
) {
    // With RETURN_ENVELOPE notifications have the postmaster as their sender.
    const bool is_own = sender.empty() || equals_ignoring_case(sender, settings.postmaster);
    return is_own && !recipients.empty() &&
           std::any_of(recipients.begin(), recipients.end(), [&](const NoticeRecipient& recipient) {
               // A bare name is a mailbox of this host.
               return equals_ignoring_case(recipient.final_address, "postmaster") ||
                      equals_ignoring_case(recipient.final_address, settings.postmaster) ||
                      equals_ignoring_case(recipient.original_address, settings.postmaster);
           });
}

}  // namespace

bool is_failure(NoticeKind kind) {
    return kind == NoticeKind::failed || kind == NoticeKind::bounced ||
           kind == NoticeKind::timed_out;
}
bool is_warning(NoticeKind kind) {
    return kind == NoticeKind::delayed || kind == NoticeKind::deferred;
}
bool is_success(NoticeKind kind) {
    return !is_failure(kind) && !is_warning(kind);
}

NoticePlan plan_notice(
    NoticeKind kind,
    std::string_view sender,
    const std::vector<NoticeRecipient>& recipients,
    const PlanSettings& settings
) {
    NoticePlan plan;
    const bool has_sender = !sender.empty();
    const bool to_sender = has_sender && !settings.sender_unreachable &&
                           (is_success(kind) || !settings.error_returns_suppressed) &&
                           !(is_success(kind) && settings.disable_delivery_receipt);
    const bool same_person = to_sender && equals_ignoring_case(sender, settings.postmaster);
    const bool postmaster_mail = is_postmaster_mail(sender, recipients, settings);
    plan.hold = is_failure(kind) && postmaster_mail;
    const PostmasterRule rule = is_failure(kind) ? settings.failures : settings.warnings;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        const bool wanted = wants(kind, recipients[i].notary_flags);
        const bool told = to_sender && wanted;
        (told ? plan.for_sender : plan.unreported).push_back(i);
        const bool copied = !is_success(kind) && !postmaster_mail && !(same_person && told) &&
                            postmaster_gets(rule, wanted, has_sender, settings);
        if (copied) plan.for_postmaster.push_back(i);
    }
    return plan;
}

std::string notice_sender(unsigned return_envelope, std::string_view postmaster) {
    return (return_envelope & 1U) != 0 ? std::string(postmaster) : std::string();
}

}  // namespace sluice::notify
