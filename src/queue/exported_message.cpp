#include "queue/exported_message.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/message_copy.h"
#include "queue/random_bits.h"

namespace sluice::queue {

namespace {

constexpr std::uint64_t chunk_size = 256UL << 10U;
constexpr std::uint64_t longest_head = 512;

Result<void> pass_content(MessageFile& file, const OctetSink& sink) {
    std::string chunk(std::min(file.content_size(), chunk_size), '\0');
    for (std::uint64_t offset = 0; offset < file.content_size();) {
        const auto count = file.read_content(offset, chunk.data(), chunk.size());
        if (!count) return count.error();
        if (auto taken = sink(std::string_view(chunk).substr(0, *count)); !taken) return taken;
        offset += *count;
    }
    return {};
}

/// Without the recipients that are done, and without what says that they are.
Result<Envelope> unfinished_envelope(MessageFile& file) {
    const auto unfinished = file.unfinished();
    if (!unfinished) return unfinished.error();
    Envelope envelope = file.envelope();
    envelope.recipients.clear();
    for (const std::size_t i : *unfinished)
        envelope.recipients.push_back(file.envelope().recipients[i]);
    return envelope;
}

Result<std::string> history_of(MessageFile& file) {
    const auto records = file.history();
    if (!records) return records.error();
    std::string text;
    for (const HistoryRecord& record : *records) {
        if (record.code != HistoryCode::done) text += format_history(record);
    }
    return text;
}

/// "channel unique xxh3:hash": what stands behind the magic.
std::string head_line(const MessageLocation& location, std::uint64_t hash) {
    return std::string(export_magic) + location.channel + ' ' + location.name.unique +
           " xxh3:" + format_hash(hash) + '\n';
}

Error damaged_export(std::string_view what) {
    return damaged_error(
        "%IMTA-E-BADMSG, not an exported message, or damaged: " + std::string(what)
    );
}

}  // namespace

Result<void> export_message(MessageFile& file, const OctetSink& sink) {
    auto bits = random_bits();
    if (!bits) return std::move(bits).error();
    const auto envelope = unfinished_envelope(file);
    if (!envelope) return envelope.error();
    auto encoded = encode_envelope(*envelope, *bits);
    if (!encoded) return std::move(encoded).error();
    if (auto verified = file.verify_content(); !verified) return verified;
    StreamHash content;
    auto read = pass_content(file, [&](std::string_view octets) -> Result<void> {
        content.update(octets);
        return {};
    });
    if (!read) return read;
    seal_envelope_head(
        encoded->bytes.data(), file.content_size(), content.value(), encoded->tail_hash
    );
    const auto history = history_of(file);
    if (!history) return history.error();
    const std::string closing = encoded->boundary + '\n' + *history;
    StreamHash all;
    all.update(encoded->bytes);
    read = pass_content(file, [&](std::string_view octets) -> Result<void> {
        all.update(octets);
        return {};
    });
    if (!read) return read;
    all.update(closing);
    if (auto taken = sink(head_line(file.location(), all.value()) + encoded->bytes); !taken)
        return taken;
    if (auto passed = pass_content(file, sink); !passed) return passed;
    return sink(closing);
}

Result<ExportedMessage> ExportedMessage::open(std::unique_ptr<ByteSource> source) {
    ExportedMessage message;
    message.source_ = std::move(source);
    if (auto read = message.read_head(); !read) return std::move(read).error();
    if (auto read = message.read_front(); !read) return std::move(read).error();
    return message;
}

Result<void> ExportedMessage::read_head() {
    const auto head = read_range(0, std::min(source_->size(), longest_head));
    if (!head) return head.error();
    const std::size_t end = head->find('\n');
    if (!head->starts_with(export_magic) || end == std::string::npos)
        return damaged_export("no first line");
    const std::string_view line = std::string_view(*head).substr(0, end);
    const auto words = split(line.substr(export_magic.size()), ' ');
    constexpr std::string_view prefix = "xxh3:";
    if (words.size() != 3 || !is_channel_directory_name(words[0]) || !is_unique_part(words[1]) ||
        !words[2].starts_with(prefix)) {
        return damaged_export("first line");
    }
    const auto hash = parse_hash(words[2].substr(prefix.size()));
    if (!hash) return damaged_export("first line");
    channel_ = words[0];
    unique_ = words[1];
    begin_ = end + 1;
    return verify(*hash);
}

Result<void> ExportedMessage::verify(std::uint64_t hash) const {
    StreamHash found;
    for (std::uint64_t offset = 0; offset < size(); offset += chunk_size) {
        const auto octets = read_range(begin_ + offset, std::min(chunk_size, size() - offset));
        if (!octets) return octets.error();
        found.update(*octets);
    }
    if (found.value() != hash) return damaged_export("checksum differs");
    return {};
}

Result<void> ExportedMessage::read_front() {
    std::string front;
    std::optional<std::size_t> end;
    for (std::uint64_t wanted = chunk_size; !end; wanted *= 4) {
        auto octets = read_range(begin_, std::min({wanted, size(), max_envelope_size}));
        if (!octets) return std::move(octets).error();
        front = *std::move(octets);
        end = find_envelope_end(front);
        if (!end && front.size() < wanted) return damaged_export("no envelope");
    }
    auto decoded = decode_envelope(std::string_view(front).substr(0, *end));
    if (!decoded) return std::move(decoded).error();
    const std::uint64_t closing_at = decoded->content_offset + decoded->content_size;
    if (decoded->content_size > max_content_size || closing_at > size())
        return damaged_export("cut off");
    const auto closing = read_range(begin_ + closing_at, decoded->boundary.size() + 1);
    if (!closing) return closing.error();
    if (*closing != decoded->boundary + '\n') return damaged_export("no closing boundary");
    front_ = *std::move(decoded);
    return {};
}

/// Exactly so many octets.
Result<std::string> ExportedMessage::read_range(std::uint64_t offset, std::uint64_t size) const {
    std::string octets(size, '\0');
    for (std::uint64_t done = 0; done < size;) {
        const auto count = source_->read(offset + done, octets.data() + done, size - done);
        if (!count) return count.error();
        if (*count == 0) return damaged_export("cut off");
        done += *count;
    }
    return octets;
}

Result<MessageLocation> ExportedMessage::import_into(
    Store& store, const std::string& channel, unsigned subdirs, const Envelope& envelope
) const {
    const std::uint64_t content_at = begin_ + front_.content_offset;
    const std::uint64_t history_at = content_at + front_.content_size + front_.boundary.size() + 1;
    auto history = read_range(
        history_at, std::min<std::uint64_t>(source_->size() - history_at, max_history_size)
    );
    if (!history) return std::move(history).error();
    CopyOptions copy;
    copy.channel = channel;
    copy.subdirs = subdirs;
    copy.history = *std::move(history);
    return write_copy(store, copy, envelope, [&](MessageWriter& writer) -> Result<void> {
        for (std::uint64_t offset = 0; offset < front_.content_size; offset += chunk_size) {
            const auto octets =
                read_range(content_at + offset, std::min(chunk_size, front_.content_size - offset));
            if (!octets) return octets.error();
            if (auto added = writer.append(*octets); !added) return added;
        }
        return {};
    });
}

}  // namespace sluice::queue
