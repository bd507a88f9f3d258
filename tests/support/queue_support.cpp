#include "support/queue_support.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "queue/commit.h"
#include "queue/segment_writer.h"
#include "queue/storage.h"
#include "queue/sync_pool.h"

namespace sluice::test {

queue::Envelope sample_envelope(const std::vector<std::string>& recipients) {
    queue::Envelope envelope;
    envelope.enqueued = WallTime(std::chrono::milliseconds(1772446267204));
    envelope.owner = "mta";
    envelope.source_channel = "tcp_local";
    envelope.source_host = "mail.example.com";
    envelope.envelope_id = "84PHKX1L3Q0A0001";
    envelope.message_id = "<1@example.com>";
    envelope.sender = "sender@example.com";
    for (const std::string& address : recipients) {
        queue::Recipient recipient;
        recipient.address = address;
        recipient.orcpt_type = "rfc822";
        recipient.orcpt = address;
        envelope.recipients.push_back(recipient);
    }
    return envelope;
}

queue::StoreOptions options_with(std::size_t limit) {
    queue::StoreOptions options;
    options.young_limit = limit;
    return options;
}

Result<std::vector<queue::MessageLocation>> enqueue(
    queue::Store& store,
    const std::vector<std::string>& channels,
    const std::vector<std::string>& recipients,
    std::string_view content
) {
    std::vector<queue::FinishedFile> copies;
    std::vector<queue::MessageLocation> locations;
    for (const std::string& channel : channels) {
        auto writer =
            queue::MessageWriter::create(store, {channel, 1, 0, {}}, sample_envelope(recipients));
        if (!writer) return std::move(writer).error();
        if (auto appended = writer->append(content); !appended) return std::move(appended).error();
        auto finished = writer->finish();
        if (!finished) return std::move(finished).error();
        locations.push_back(finished->location());
        copies.push_back(*std::move(finished));
    }
    queue::CommitItem item{std::move(copies), {}};
    queue::SyncPool no_threads(0);
    queue::SegmentWriter segment(store);
    const bool young = store.options().young_limit > 0;
    queue::commit_batch(store, no_threads, {&item, 1}, young ? &segment : nullptr);
    if (item.failure) return *std::move(item.failure);
    return locations;
}

Result<std::string> read_all(queue::MessageFile& file) {
    std::string content(file.content_size(), '\0');
    auto count = file.read_content(0, content.data(), content.size());
    if (!count) return std::move(count).error();
    content.resize(*count);
    return content;
}

std::vector<queue::MessageLocation> queued(const queue::Store& store) {
    std::vector<queue::MessageLocation> found;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& one) { found.push_back(one.location()); };
    auto scanned = queue::scan_queue(store, visitor);
    if (!scanned) throw std::runtime_error(scanned.error().to_debug_string());
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return a.relative_path() < b.relative_path();
    });
    return found;
}

TemporaryRoot::TemporaryRoot() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-queue-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
}

TemporaryRoot::~TemporaryRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace sluice::test
