#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dequeue/requeue.h"
#include "message/partial.h"
#include "queue/message_file.h"

namespace sluice::defragment {

/// What pieces of one message have in common: its id, who sent it and for whom it still is.
struct PieceKey {
    std::string id;
    std::string sender;
    std::vector<std::string> recipients;  ///< addresses, sorted

    friend bool operator==(const PieceKey&, const PieceKey&) = default;
};

/// A piece as its queue file shows it.
struct Piece {
    PieceKey key;
    message::PartialLabels labels;
};

/// The header of a queued message up to and including its blank line, with CRLF; empty where none
/// ends within 4 MiB.
Result<std::string> read_header(queue::MessageFile& file);
/// nullopt: no piece.
Result<std::optional<Piece>> read_piece(queue::MessageFile& file);

/// Places in `pieces` of a whole message, in order: one piece of each number, of those that agree
/// about the total; empty while one is missing. Pure.
std::vector<std::size_t> find_whole(const std::vector<message::PartialLabels>& pieces);

/// The content of the message that these files are the pieces of, in order. They outlive the
/// content and are not read by anyone else meanwhile.
dequeue::Content whole_content(std::vector<queue::MessageFile*> pieces);

}  // namespace sluice::defragment
