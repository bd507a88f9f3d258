#include "queue/message_reader.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "queue/failure.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

/// Senders stand in front of the recipients; few envelopes are longer before them.
constexpr std::size_t peeked = 2048;
/// Of a row of messages so many are looked at to learn whether they are in memory.
constexpr std::size_t probes = 4;

}  // namespace

MessageReader::MessageReader(Store& store) : store_(store) {}
MessageReader::~MessageReader() = default;

Result<MessageFile> MessageReader::open(const MessageLocation& location) {
    if (StorageDirectory* directory = directory_of(location)) {
        auto file = MessageFile::open_in(store_, *directory, location);
        if (file || failure_kind(file.error()) != Failure::gone) return file;
    }
    return MessageFile::open(store_, location, Access::read);
}

// No value holds a line end, and m stands before all recipients: its first appearance is the
// record.
std::optional<std::string> MessageReader::peek_sender(const MessageLocation& location) {
    StorageDirectory* directory = directory_of(location);
    if (directory == nullptr) return std::nullopt;
    const auto file = directory->open_to_read(location.name.to_string());
    if (!file) return std::nullopt;
    std::array<char, peeked> octets;
    const auto count = (*file)->read_at(0, octets.data(), octets.size());
    if (!count) return std::nullopt;
    const std::string_view front(octets.data(), *count);
    constexpr std::string_view record = "\nm;";
    const std::size_t at = front.find(record);
    const std::size_t end = front.find('\n', at + 1);
    if (!front.starts_with("v;") || at == front.npos || end == front.npos) return std::nullopt;
    const std::size_t begin = at + record.size();
    return unescape_value(front.substr(begin, end - begin));
}

void MessageReader::prepare(
    std::size_t count, const std::function<const MessageLocation&(std::size_t)>& location
) {
    const std::size_t stride = std::max<std::size_t>(count / probes, 1);
    bool in_memory = true;
    for (std::size_t i = 0; i < count && in_memory; i += stride)
        in_memory = start_reading(location(i));
    if (in_memory) return;
    for (std::size_t i = 0; i < count; ++i) (void)start_reading(location(i));
}

bool MessageReader::start_reading(const MessageLocation& location) {
    StorageDirectory* directory = directory_of(location);
    return directory == nullptr || directory->start_reading(location.name.to_string(), peeked);
}

/// Null where there is none: the message may be in a segment.
StorageDirectory* MessageReader::directory_of(const MessageLocation& location) {
    if (!directory_ || location.sub_directory != sub_directory_ || location.channel != channel_) {
        auto opened = store_.storage().open_directory(location.directory(store_.root()));
        directory_ = opened ? *std::move(opened) : nullptr;
        channel_ = location.channel;
        sub_directory_ = location.sub_directory;
    }
    return directory_.get();
}

}  // namespace sluice::queue
