#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queue/envelope.h"
#include "queue/failure.h"
#include "queue/history.h"
#include "queue/message_name.h"

namespace sluice::queue {

class MessageWriter;
class StorageDirectory;
class Store;

enum class Access {
    read,  ///< look only, take no lock
    own,   ///< take the message's lock, without waiting; needed for every change
};

/// Who writes history lines: the channel program and its thread.
struct Actor {
    std::string channel;
    std::uint32_t process = 0;
    std::uint32_t thread = 0;
};

/// Which file of the machine; zeros: none of its own yet.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
};

/// An existing message file. Opened with Access::own it is this worker's alone until the object
/// goes: take it before the first protocol command and keep it until the last recipient is
/// disposed of. See failure_kind() for what an Error of open() means; the file is never changed or
/// deleted because it could not be read. Not for use from two threads.
class MessageFile {
public:
    /// Where `location` is out of date (another attempt prefix, held meanwhile) the file is looked
    /// up by its unique part: before delivering, see that location().name.state() is `eligible`.
    static Result<MessageFile> open(Store& store, const MessageLocation& location, Access access);
    /// To look at the file of this name in its directory, and nowhere else: fails with `gone` also
    /// where the message is in a segment. See MessageReader.
    static Result<MessageFile> open_in(
        Store& store, StorageDirectory& directory, const MessageLocation& location
    );
    MessageFile(MessageFile&&) noexcept;
    MessageFile& operator=(MessageFile&&) noexcept;
    ~MessageFile();

    /// Where the file is now; changes with renames.
    [[nodiscard]] const MessageLocation& location() const;
    [[nodiscard]] const Envelope& envelope() const;
    /// The last thing that is asked of this object.
    [[nodiscard]] Envelope take_envelope() &&;
    /// As it was opened.
    [[nodiscard]] FileIdentity identity() const;
    /// Stored octets of header, blank line and body.
    [[nodiscard]] std::uint64_t content_size() const;
    /// Where the content begins in the message file.
    [[nodiscard]] std::uint64_t content_offset() const;
    /// For sendfile(): the content lies at descriptor_offset() of descriptor().
    [[nodiscard]] int descriptor() const;
    [[nodiscard]] std::uint64_t descriptor_offset() const;

    /// Stored octets from `offset` of the content, at most `size`; 0 at its end.
    Result<std::size_t> read_content(std::uint64_t offset, char* to, std::size_t size);
    /// Reads all of the content and compares its checksum; `damaged` where it differs. Costs one
    /// pass over the file: call it before the first attempt.
    Result<void> verify_content();

    /// Newest last. Read from the file on each call.
    Result<std::vector<HistoryRecord>> history();
    /// Indexes into envelope().recipients of those without a done record.
    Result<std::vector<std::size_t>> unfinished();
    /// Keyword and text: from the last hold in the history, else the envelope's `q` record.
    Result<std::string> hold_reason();

    // Changes, all with Access::own.

    /// A failed append is only logged: mail does not stop for its history.
    void append_history(const HistoryRecord& record);
    /// A failed append is reported: the caller must expect a duplicate after a crash.
    Result<void> record_done(const Actor& actor, std::string_view recipient, std::string_view text);
    /// No recipient final: next attempt prefix, suffix "00", modification time now.
    Result<void> rename_attempt();
    /// Durable on return. `reason`: a keyword (operator, loop, sieve ...), then free text.
    Result<void> hold(const Actor& actor, std::string_view reason);
    Result<void> release(const Actor& actor, std::string_view text);
    /// All recipients final. The removal is made durable by the store's directory syncs.
    Result<void> remove();
    /// Some recipients final: writes a new file (own unique part, next attempt prefix, `x` record)
    /// with the recipients at `remaining` (indexes), commits it, then removes this one. Returns
    /// the new file's location. On failure this file is unchanged.
    Result<MessageLocation> replace_with_remaining(
        const std::vector<std::size_t>& remaining, unsigned subdirs
    );
    /// The same with an envelope of the caller's making (readdressing, released messages) and
    /// attempt count.
    Result<MessageLocation> replace(Envelope envelope, unsigned attempts, unsigned subdirs);
    /// Writes a new file with the recipients at `held` (indexes), held for `reason`, commits it,
    /// and leaves this one as it is: the caller records that they are done here. A crash before
    /// costs a second copy of what is held. Returns the new file's location.
    Result<MessageLocation> hold_apart(
        const std::vector<std::size_t>& held, std::string_view reason, unsigned subdirs
    );

    /// The file as opened, before its content is looked at. For message_file.cpp.
    struct Opened;

private:
    struct State;
    explicit MessageFile(std::unique_ptr<State> state);
    static Result<MessageFile> read(
        Store& store, MessageLocation where, Opened opened, Access access
    );
    void close();
    Result<MessageLocation> write_beside(Envelope envelope, unsigned attempts, unsigned subdirs);
    Result<void> become_file();
    Result<void> append_line(const HistoryRecord& record);
    Result<void> move_to(MessageName name, bool durable);
    Result<void> copy_content(MessageWriter& writer);
    std::unique_ptr<State> state_;
};

/// Sets a file aside that cannot be parsed: takes its lock and renames it to ".BAD". Never
/// deletes. Returns the new location.
Result<MessageLocation> mark_bad(Store& store, const MessageLocation& location);

/// Content as it goes on the wire: `lf` content gets its CRs back, other content is passed on.
class WireReader {
public:
    explicit WireReader(MessageFile& file) : file_(file) {}
    /// The next octets, empty at the end. The view is good until the next call.
    Result<std::string_view> next();

private:
    MessageFile& file_;
    std::uint64_t offset_ = 0;
    std::string stored_;
    std::string wire_;
};

}  // namespace sluice::queue
