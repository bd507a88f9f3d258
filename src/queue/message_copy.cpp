#include "queue/message_copy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "queue/commit_group.h"
#include "queue/message_file.h"

namespace sluice::queue {

namespace {

constexpr std::uint64_t copy_chunk = 256UL << 10U;

}  // namespace

Result<MessageLocation> write_copy(
    Store& store,
    const CopyOptions& copy,
    const Envelope& envelope,
    const std::function<Result<void>(MessageWriter&)>& content
) {
    auto writer = MessageWriter::create(store, copy, envelope);
    if (!writer) return std::move(writer).error();
    if (auto written = content(*writer); !written) return std::move(written).error();
    auto finished = writer->finish();
    if (!finished) return std::move(finished).error();
    MessageLocation location = finished->location();
    std::vector<FinishedFile> files;
    files.push_back(*std::move(finished));
    if (auto committed = commit_now(store, std::move(files)); !committed) {
        return std::move(committed).error();
    }
    return location;
}

Result<void> append_content(MessageFile& from, MessageWriter& to, std::uint64_t offset) {
    const std::uint64_t size = from.content_size();
    std::string chunk(std::min(size, copy_chunk), '\0');
    while (offset < size) {
        const auto count = from.read_content(offset, chunk.data(), chunk.size());
        if (!count) return count.error();
        if (auto added = to.append(std::string_view(chunk).substr(0, *count)); !added) return added;
        offset += *count;
    }
    return {};
}

}  // namespace sluice::queue
