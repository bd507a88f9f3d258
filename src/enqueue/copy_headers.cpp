#include "enqueue/copy_headers.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "message/header_field.h"
#include "message/header_trim.h"
#include "policy/header_preparation.h"
#include "policy/header_rewriting.h"

namespace sluice::enqueue {

using channel::Channel;

namespace {

/// The recipients as the sender wrote them, each once.
std::vector<std::string> presented(const Submission& submission) {
    std::vector<std::string> out;
    for (const SubmittedRecipient& recipient : submission.recipients) {
        const bool readable =
            !recipient.original.empty() && equals_ignoring_case(recipient.original_type, "rfc822");
        const std::string& address = readable ? recipient.original : recipient.destination.address;
        // Members of a list stand side by side.
        if (!out.empty() && out.back() == address) continue;
        if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
    }
    return out;
}

}  // namespace

CopyHeaders::CopyHeaders(
    std::string_view fields, const Submission& submission, std::unique_ptr<HeaderWork> work
)
    : fields_(fields), submission_(submission), work_(std::move(work)) {}

Result<void> CopyHeaders::prepare() {
    versions_.clear();
    senders_.clear();
    edited_.reset();
    sender_ = work_ != nullptr ? work_->sender : submission_.sender;
    if (work_ != nullptr) work_->answers->begin();
    if (fields_.empty()) return {};
    if (work_ != nullptr) {
        const auto& options = work_->configuration->header_options_of(work_->source->name());
        edited_ = message::trim_header(fields_, options.read);
    }
    if (!submission_.header_edits.empty())
        edited_ = message::apply_edits(common(), submission_.header_edits);
    if (work_ == nullptr) return {};
    policy::MessageProbe probe;
    probe.source = work_->source;
    probe.sender = submission_.sender;
    probe.authenticated = work_->authenticated;
    probe.recipients = [this] { return presented(submission_); };
    auto prepared = policy::prepare_header(
        *work_->configuration, probe, common(), *work_->answers, {nullptr, &warnings_}
    );
    tell_warnings();
    if (!prepared) return std::move(prepared).error();
    if (prepared->header) edited_ = std::move(prepared->header);
    if (prepared->sender) sender_ = std::move(*prepared->sender);
    return {};
}

policy::CopyContext CopyHeaders::context_for(const Channel& destination) {
    const policy::Origin origin{work_->client_name, work_->authenticated};
    return {*work_->configuration, *work_->source, destination, origin,
            *work_->answers,       nullptr,        &warnings_};
}

void CopyHeaders::tell_warnings() {
    for (const std::string& warning : std::exchange(warnings_, {})) {
        if (told_.insert(warning).second) diag::warning(warning);
    }
}

Result<std::string> CopyHeaders::sender_for(
    const Channel& destination, const std::optional<std::string>& own
) {
    const std::string& sender = own ? *own : sender_;
    if (work_ == nullptr) return sender;
    const auto found = senders_.find({&destination, sender});
    if (found != senders_.end()) return found->second;
    auto outgoing = policy::outgoing_address(
        context_for(destination), policy::AddressKind::envelope_from, sender
    );
    tell_warnings();
    if (outgoing) senders_.emplace(std::pair(&destination, sender), *outgoing);
    return outgoing;
}

Result<std::string_view> CopyHeaders::header_for(
    const Channel& destination, const message::HeaderEdits& own
) {
    if (fields_.empty() || (work_ == nullptr && own.empty())) return common();
    const auto [version, is_new] = versions_.try_emplace(Key(&destination, own));
    std::optional<std::string>& text = version->second;
    if (is_new) {
        if (!own.empty()) text = message::apply_edits(common(), own);
        if (work_ != nullptr) {
            auto changed =
                policy::rewrite_header(context_for(destination), text ? *text : common());
            tell_warnings();
            if (!changed) return std::move(changed).error();
            if (*changed) text = std::move(**changed);
        }
    }
    return text ? std::string_view(*text) : common();
}

std::optional<std::string> CopyHeaders::trimmed_for(
    const Channel& destination, std::string_view in_front, std::string_view fields
) const {
    if (work_ == nullptr || fields.empty()) return std::nullopt;
    const auto& options = work_->configuration->header_options_of(destination.name());
    if (options.trim.empty()) return std::nullopt;
    const bool keep_order = destination.has(channel::Keyword::headerkeeporder);
    const std::string whole = std::string(in_front).append(fields);
    return message::trim_header(whole, options.trim, keep_order);
}

std::string envelope_to_field(const Copy& copy, const Submission& submission) {
    const bool wanted = copy.channel->has(channel::Keyword::x_env_to);
    if (!wanted || copy.recipients.size() != 1) return {};
    const SubmittedRecipient& recipient = submission.recipients[copy.recipients.front()];
    return message::fold_header("X-Envelope-to", recipient.destination.address);
}

}  // namespace sluice::enqueue
