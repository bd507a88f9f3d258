#pragma once

#include <string>
#include <string_view>

#include "ledger.h"
#include "queue/envelope.h"

// What the mail of a schedule looks like, so that a content says whose it is and whether it is
// whole.
namespace sluice::powercut {

/// The content of a message, header included.
std::string content_of(unsigned message);
/// Whether the octets are that content, trace fields in front left aside.
bool is_content_of(unsigned message, std::string_view content);

// A message that comes in as pieces (message/partial) for one recipient. Each piece was promised by
// itself, so each counts as a person of its own, whose address stands in it. Who gets the message
// that was put together gets all of them.

/// Piece `number`, from 1 on, of `total`.
std::string piece_of(unsigned message, unsigned number, unsigned total);
/// Whom a split message is for.
std::string split_recipient(unsigned message);
bool is_split_recipient(std::string_view address);
/// Whether the octets are one piece of the message, or all of it.
bool is_split_content(unsigned message, unsigned total, std::string_view content);
/// 2 or 3.
unsigned pieces_of(unsigned message);

/// For these recipients, from a sender who wants to know.
queue::Envelope envelope_of(const std::vector<std::string>& recipients, WallTime now);
/// Who is told of failures.
bool is_sender(std::string_view address);

}  // namespace sluice::powercut
