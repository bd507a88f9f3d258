#pragma once

#include <string>
#include <vector>

#include "tracking/record.h"

// What ties the lines of one message, or of one connection, together. Pure.
namespace sluice::tracking {

/// One tie. Equal keys belong together; `find` is the text to look for in a log, in lower case:
/// a line that has the key has that text.
struct Key {
    std::string id;
    std::string find;
    bool weak = false;  ///< addresses only: two messages may have the same
};

/// Message-ids, envelope id, queue file, numbers of qmail, Post.Office's id. Sender and recipient
/// where a line has none of them. Empty for a line that is about no message.
[[nodiscard]] std::vector<Key> message_keys(const Record& record);
/// Transport, process and session, qmail's process number, Post.Office's client.
[[nodiscard]] std::vector<Key> connection_keys(const Record& record);

}  // namespace sluice::tracking
