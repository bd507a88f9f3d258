#pragma once

#include <string_view>

#include "enqueue/split.h"
#include "enqueue/submission.h"
#include "message/header_edit.h"

// Receipts that the header of a message asks for, in the way of before RFC 3461: Return-Receipt-To
// and Delivery-Receipt-To. Keywords reportheader (the default), reportnotary, reportboth and
// reportsuppress of the destination channel say what becomes of them. Pure.
namespace sluice::enqueue {

/// reportnotary, reportboth: recipients of the copy who came without DSN parameters get
/// NOTIFY=SUCCESS besides what is usual, where the header asks for a receipt and there is a sender.
void ask_for_receipts(const Copy& copy, std::string_view header, Submission& submission);

/// reportnotary, reportsuppress: the fields go.
message::HeaderEdits receipt_edits(const Copy& copy);

}  // namespace sluice::enqueue
