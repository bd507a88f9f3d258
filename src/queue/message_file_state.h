#pragma once

#include <cstdint>
#include <memory>

#include "queue/envelope.h"
#include "queue/message_file.h"
#include "queue/segment_entry.h"
#include "queue/storage.h"

// For message_file*.cpp only.
namespace sluice::queue {

struct MessageFile::State {
    Store& store;
    MessageLocation location;
    std::unique_ptr<StorageFile> file;
    EntryFile* young;  ///< what `file` is while the message lies in a segment; else null
    DecodedEnvelope front;
    FileIdentity identity;
    std::uint64_t history_at;  ///< offset behind the closing boundary line
    std::uint64_t end;         ///< offset of the next history line
    bool owned;
    bool removed = false;
};

}  // namespace sluice::queue
