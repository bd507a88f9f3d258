#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "queue/envelope.h"
#include "queue/message_name.h"

namespace sluice::queue {

class Store;
class StorageFile;

/// A message copy that is written but not yet in the queue: a complete, unsynced, locked file in
/// the channel's tmp directory, or, if small, its octets in memory. Hand it to
/// CommitGroup::submit() or commit_now(). Destroying it removes the file. Move only.
class FinishedFile {
public:
    FinishedFile(FinishedFile&&) noexcept;
    FinishedFile& operator=(FinishedFile&&) noexcept;
    FinishedFile(const FinishedFile&) = delete;
    FinishedFile& operator=(const FinishedFile&) = delete;
    ~FinishedFile();

    /// Where the file will be once committed; known beforehand, for the log and the job
    /// controller.
    [[nodiscard]] const MessageLocation& location() const { return location_; }
    /// Another channel takes the message: it will be in that channel's directories instead.
    Result<void> divert(const std::string& channel, unsigned subdirs);
    [[nodiscard]] std::uint64_t content_size() const { return content_size_; }
    /// Octets from `offset` of the content, at most `size`; 0 at its end.
    Result<std::size_t> read_content(std::uint64_t offset, char* to, std::size_t size);
    /// Octets of the whole file.
    [[nodiscard]] std::uint64_t file_size() const { return file_size_; }

private:
    friend class MessageWriter;
    friend class Committer;
    explicit FinishedFile(Store& store);
    void discard();
    [[nodiscard]] bool is_in_memory() const { return !file_; }
    /// Opens the temporary file.
    Result<void> create();
    /// Writes what is in memory into a temporary file.
    Result<void> become_file();

    Store* store_;
    std::unique_ptr<StorageFile> file_;  ///< none while the octets are in memory
    std::string octets_;
    std::string temporary_path_;
    MessageLocation location_;
    std::uint64_t content_offset_ = 0;
    std::uint64_t content_size_ = 0;
    std::uint64_t file_size_ = 0;
};

/// What else a writer must know of the copy besides its envelope.
struct CopyOptions {
    std::string channel;
    unsigned subdirs = 1;   ///< channel keyword
    unsigned attempts = 0;  ///< failed attempts a rewritten file takes along
    std::string history;    ///< history lines a rewritten file takes along
};

/// Writes one message copy: envelope, then the content as it streams in, octet for octet. Small
/// copies stay in memory up to the store's young_limit; larger ones go to a file in <channel>/tmp.
/// Nobody sees it before the commit. A crash earlier leaves a temporary file that the sweep
/// removes; the sender never saw a 250, so nothing is lost. An envelope with a hold reason makes a
/// .HELD file. Memory: one buffer of at most 64 KiB or young_limit, whichever is more.
/// One writer per copy; not for use from two threads. Destroying an unfinished writer removes the
/// file.
class MessageWriter {
public:
    static Result<MessageWriter> create(
        Store& store, const CopyOptions& copy, const Envelope& envelope
    );
    MessageWriter(MessageWriter&&) noexcept;
    MessageWriter& operator=(MessageWriter&&) noexcept;
    ~MessageWriter();

    /// Known from the start: it goes into the Received: line.
    [[nodiscard]] const std::string& unique() const;
    [[nodiscard]] std::uint64_t content_size() const;

    /// Content octets in the form that Envelope::encoding declares; no transformation is done.
    /// After a failure (4.3.1 for a full disk) the writer only repeats it.
    Result<void> append(std::string_view bytes);
    /// Completes the file; the writer is empty afterwards.
    Result<FinishedFile> finish();

private:
    struct State;
    explicit MessageWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sluice::queue
