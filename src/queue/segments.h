#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "queue/message_name.h"
#include "queue/segment_format.h"

namespace sluice::queue {

class Storage;
class StorageFile;

/// An entry of a segment.
struct SegmentEntry {
    std::string segment;  ///< id
    std::uint32_t number = 0;
    segment::Slot slot;

    /// Where the message would lie as a file: young messages are listed, logged and found by it.
    [[nodiscard]] MessageLocation location() const;
};

/// What the table of a segment says.
struct SegmentTable {
    struct Row {
        std::uint32_t number = 0;
        segment::Mark mark = segment::Mark::live;
        segment::Slot slot;
    };
    std::vector<Row> rows;  ///< used slots
    std::uint32_t damaged = 0;
    std::uint32_t durable = 0;  ///< slots before this one were acknowledged
};

/// The segments below a queue root, as programs find messages in them. Thread-safe.
class Segments {
public:
    Segments(std::string root, Storage& storage);
    Segments(const Segments&) = delete;
    Segments& operator=(const Segments&) = delete;

    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] std::string path(std::string_view id) const;
    /// Makes the directory durable, once.
    Result<void> make_directory();

    /// The entry with that unique part, whatever became of it. What was read is remembered:
    /// about 100 octets an entry, until the segment is gone.
    Result<std::optional<SegmentEntry>> find(std::string_view unique);
    /// What became of an entry by now; `removed` where its segment is gone.
    [[nodiscard]] Result<segment::Mark> mark_of(const SegmentEntry& entry) const;
    /// Ids of all segments, oldest first. None where there is no directory.
    [[nodiscard]] Result<std::vector<std::string>> list() const;
    /// `file`: the opened segment.
    static Result<SegmentTable> read_table(StorageFile& file, std::string_view id);

private:
    struct Known {
        std::uint32_t next_slot = 0;  ///< slots before it have been read
        std::vector<std::uint64_t> hashes;
    };
    /// A slot without what its unique part says.
    struct Place {
        std::string_view segment;  ///< key of known_
        std::string_view channel;  ///< one of channels_
        std::uint64_t offset = 0;
        std::uint64_t hash = 0;
        std::uint32_t size = 0;
        std::uint32_t number = 0;
        std::uint16_t sub_directory = 0;
    };
    using KnownSegments = std::map<std::string, Known, std::less<>>;

    Result<void> refresh(std::string_view node);
    Result<void> read_on(KnownSegments::value_type& segment);
    void remember(KnownSegments::value_type& segment, std::uint32_t number, segment::Slot slot);
    [[nodiscard]] std::optional<SegmentEntry> look_up(std::string_view unique) const;
    void forget(KnownSegments::iterator segment);

    const std::string directory_;
    Storage& storage_;
    std::mutex mutex_;
    bool is_directory_durable_ = false;
    KnownSegments known_;
    std::set<std::string, std::less<>> channels_;
    std::unordered_map<std::uint64_t, Place> places_;  ///< by the hash of the unique part
};

}  // namespace sluice::queue
