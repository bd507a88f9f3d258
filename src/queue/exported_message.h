#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"
#include "queue/envelope.h"
#include "queue/message_file.h"

// A message on its way from one system to another, as one file outside the queue
// (docs/formats/exported-message.md): a line with a checksum over all the rest, then the message as
// it lies in the queue, history included.
namespace sluice::queue {

class Store;

inline constexpr std::string_view export_magic = "sluice-message 1 ";

using OctetSink = std::function<Result<void>(std::string_view octets)>;

/// Hands the exported form to `sink`, piece by piece. Reads the content twice; a content whose
/// checksum does not fit is refused before the first octet.
Result<void> export_message(MessageFile& file, const OctetSink& sink);

/// An exported message, checked from end to end before anything is believed.
class ExportedMessage {
public:
    static Result<ExportedMessage> open(std::unique_ptr<ByteSource> source);

    /// Where it was.
    [[nodiscard]] const std::string& channel() const { return channel_; }
    [[nodiscard]] const std::string& unique() const { return unique_; }
    [[nodiscard]] const Envelope& envelope() const { return front_.envelope; }
    [[nodiscard]] std::uint64_t content_size() const { return front_.content_size; }

    /// Into the queue of `channel`, durably, as the envelope given says; it takes its history
    /// along. Returns where it is.
    Result<MessageLocation> import_into(
        Store& store, const std::string& channel, unsigned subdirs, const Envelope& envelope
    ) const;

private:
    ExportedMessage() = default;
    Result<void> read_head();
    Result<void> verify(std::uint64_t hash) const;
    Result<void> read_front();
    [[nodiscard]] std::uint64_t size() const { return source_->size() - begin_; }
    Result<std::string> read_range(std::uint64_t offset, std::uint64_t size) const;

    std::unique_ptr<ByteSource> source_;
    std::uint64_t begin_ = 0;  ///< of the message file
    std::string channel_;
    std::string unique_;
    DecodedEnvelope front_;
};

}  // namespace sluice::queue
