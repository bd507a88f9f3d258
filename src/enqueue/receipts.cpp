#include "enqueue/receipts.h"

#include <algorithm>
#include <array>

#include "channel/channel.h"
#include "channel/keyword.h"
#include "message/header_field.h"

namespace sluice::enqueue {

using channel::Keyword;

namespace {

constexpr std::array<const char*, 2> receipt_fields = {"Return-Receipt-To", "Delivery-Receipt-To"};

bool asks(std::string_view header) {
    return std::any_of(receipt_fields.begin(), receipt_fields.end(), [&](const char* name) {
        return message::find_header(header, name).has_value();
    });
}

}  // namespace

void ask_for_receipts(const Copy& copy, std::string_view header, Submission& submission) {
    if (!copy.channel->is_given(Keyword::reportnotary) &&
        !copy.channel->is_given(Keyword::reportboth)) {
        return;
    }
    if (submission.sender.empty() || !asks(header)) return;
    for (const std::size_t i : copy.recipients) {
        unsigned& notify = submission.recipients[i].notify;
        // What was asked for in the envelope is what the sender wants.
        const bool has_parameters = (notify & queue::notify_explicit) != 0;
        if (!has_parameters && notify == queue::default_notify) notify |= queue::notify_success;
    }
}

message::HeaderEdits receipt_edits(const Copy& copy) {
    message::HeaderEdits edits;
    if (!copy.channel->is_given(Keyword::reportnotary) &&
        !copy.channel->is_given(Keyword::reportsuppress)) {
        return edits;
    }
    for (const char* name : receipt_fields)
        edits.push_back({message::HeaderEdit::Kind::remove, name, {}});
    return edits;
}

}  // namespace sluice::enqueue
