#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "queue/message_file.h"

namespace sluice::queue {

class StorageDirectory;

/// Opens many messages, one after the other, to look at them. Keeps the directory of the last one
/// open, which is what makes it faster than MessageFile::open() where they come directory by
/// directory. One thread.
class MessageReader {
public:
    explicit MessageReader(Store& store);
    ~MessageReader();
    MessageReader(const MessageReader&) = delete;
    MessageReader& operator=(const MessageReader&) = delete;

    /// As MessageFile::open() with Access::read.
    Result<MessageFile> open(const MessageLocation& location);
    /// The sender in the first octets of the message's file, unchecked; nullopt where it cannot be
    /// told so cheaply. To rule messages out: half the work of open().
    std::optional<std::string> peek_sender(const MessageLocation& location);

    /// Hint: the messages will be looked at now. Where the disk has to be asked for them, it is for
    /// all of them together, and can answer in its own order.
    void prepare(
        std::size_t count, const std::function<const MessageLocation&(std::size_t)>& location
    );

private:
    bool start_reading(const MessageLocation& location);
    StorageDirectory* directory_of(const MessageLocation& location);

    Store& store_;
    std::string channel_;
    std::string sub_directory_;
    std::unique_ptr<StorageDirectory> directory_;
};

}  // namespace sluice::queue
