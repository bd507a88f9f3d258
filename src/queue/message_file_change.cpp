#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "base/kill_point.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "queue/checksum.h"
#include "queue/message_copy.h"
#include "queue/message_file.h"
#include "queue/message_file_state.h"
#include "queue/message_writer.h"
#include "queue/promotion.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

constexpr std::size_t copy_chunk = 256UL << 10U;

/// A torn line from a crash must not swallow the next one.
Result<bool> ends_with_line(StorageFile& file, std::uint64_t end) {
    char last = '\n';
    auto count = file.read_at(end - 1, &last, 1);
    if (!count) return std::move(count).error();
    return *count == 1 && last == '\n';
}

HistoryRecord record_of(
    const Store& store, const Actor& actor, HistoryCode code, unsigned attempt
) {
    HistoryRecord record;
    record.when = store.clock().wall_now();
    record.channel = actor.channel;
    record.code = code;
    record.attempt = attempt;
    record.process = actor.process;
    record.thread = actor.thread;
    return record;
}

/// History a rewritten file takes along: not the done records, their recipients are not in it.
std::string inherited_history(std::vector<HistoryRecord> records, std::size_t limit) {
    std::erase_if(records, [](const auto& one) { return one.code == HistoryCode::done; });
    std::string text;
    for (const auto& record : shorten_history(std::move(records), limit)) {
        text += format_history(record);
    }
    return text;
}

}  // namespace

/// Whatever changes in a message but its end changes in a file of its own.
Result<void> MessageFile::become_file() {
    State& state = *state_;
    assert(state.owned);
    if (!state.young) return {};
    auto file = promote(state.store, *state.young);
    if (!file) return std::move(file).error();
    state.young = nullptr;
    state.file = *std::move(file);
    return {};
}

/// Appends one line. A crash may tear it: readers leave out what has no end.
Result<void> MessageFile::append_line(const HistoryRecord& record) {
    State& state = *state_;
    if (auto file = become_file(); !file) return file;
    std::string line = format_history(record);
    auto whole = ends_with_line(*state.file, state.end);
    if (!whole) return std::move(whole).error();
    if (!*whole) line.insert(0, 1, '\n');
    if (state.end - state.history_at + line.size() > max_history_size) {
        limits::hit(
            limits::Limit::history_file, "no room for more in " + state.location.relative_path()
        );
        return Error::from_errno(EFBIG, "history of " + state.location.relative_path());
    }
    if (auto written = state.file->write_at(state.end, line); !written) return written;
    state.end += line.size();
    kill_point("queue.history.appended");
    if (state.store.options().history_sync) return state.file->sync_data();
    return {};
}

void MessageFile::append_history(const HistoryRecord& record) {
    if (auto appended = append_line(record); !appended) {
        diag::warning("history line dropped: " + appended.error().detail());
    }
}

Result<void> MessageFile::record_done(
    const Actor& actor, std::string_view recipient, std::string_view text
) {
    HistoryRecord record =
        record_of(state_->store, actor, HistoryCode::done, state_->location.name.attempts);
    record.recipient = recipient;
    record.text = text;
    return append_line(record);
}

/// Renames within the sub-directory, under the lock.
Result<void> MessageFile::move_to(MessageName name, bool durable) {
    State& state = *state_;
    assert(state.owned);
    if (name == state.location.name) return {};
    if (auto file = become_file(); !file) return file;
    MessageLocation target = state.location;
    target.name = std::move(name);
    // The history too: a held message may wait for days with recipients that are finished.
    if (durable) {
        if (auto synced = state.file->sync_data(); !synced) return synced;
    }
    const std::string& root = state.store.root();
    auto renamed = state.store.storage().rename(state.location.path(root), target.path(root));
    if (!renamed) return renamed;
    state.location = std::move(target);
    kill_point("queue.move.renamed");
    if (durable) return state.store.storage().sync_directory(state.location.directory(root));
    return {};
}

Result<void> MessageFile::rename_attempt() {
    MessageName name = state_->location.name;
    name.attempts = std::min(name.attempts + 1, max_attempts);
    name.suffix = "00";
    // The scan takes the modification time for that of the last attempt. Losing it only makes the
    // next attempt come early.
    if (auto file = become_file(); !file) return file;
    if (auto set = state_->file->set_modified(state_->store.clock().wall_now()); !set) {
        diag::warning(set.error().detail());
    }
    return move_to(std::move(name), false);
}

Result<void> MessageFile::hold(const Actor& actor, std::string_view reason) {
    HistoryRecord record =
        record_of(state_->store, actor, HistoryCode::held, state_->location.name.attempts);
    record.text = reason;
    append_history(record);
    MessageName name = state_->location.name;
    name.suffix = "HELD";
    return move_to(std::move(name), true);
}

Result<void> MessageFile::release(const Actor& actor, std::string_view text) {
    HistoryRecord record =
        record_of(state_->store, actor, HistoryCode::released, state_->location.name.attempts);
    record.text = text;
    append_history(record);
    MessageName name = state_->location.name;
    name.suffix = "00";
    return move_to(std::move(name), true);
}

Result<void> MessageFile::remove() {
    State& state = *state_;
    assert(state.owned);
    if (state.young) {
        if (auto marked = state.young->set_mark(segment::Mark::removed); !marked) return marked;
        kill_point("queue.remove.marked");
        state.store.directory_syncs().note_segment(state.young->entry().segment);
        return {};
    }
    const std::string& root = state.store.root();
    if (auto removed = state.store.storage().unlink(state.location.path(root)); !removed) {
        return removed;
    }
    state.removed = true;
    kill_point("queue.remove.unlinked");
    state.store.directory_syncs().note(state.location.directory(root));
    return {};
}

Result<MessageLocation> MessageFile::replace_with_remaining(
    const std::vector<std::size_t>& remaining, unsigned subdirs
) {
    Envelope rest = envelope();
    rest.recipients.clear();
    // It was enqueued as held and has been released since: the rest is not held again.
    if (state_->location.name.state() != MessageState::held) rest.hold_reason.reset();
    for (const std::size_t index : remaining) {
        rest.recipients.push_back(envelope().recipients.at(index));
    }
    const unsigned attempts = std::min(state_->location.name.attempts + 1, max_attempts);
    return replace(std::move(rest), attempts, subdirs);
}

// The new file is durable before the old one goes: a crash in between leaves both, which costs a
// duplicate for the recipients without a done record and loses nobody.
Result<MessageLocation> MessageFile::replace(
    Envelope envelope, unsigned attempts, unsigned subdirs
) {
    auto written = write_beside(std::move(envelope), attempts, subdirs);
    if (!written) return written;
    kill_point("queue.replace.durable");
    // The new file counts from here on; an old one that cannot be removed is a duplicate.
    if (auto removed = remove(); !removed) {
        diag::warning(
            "%IMTA-W-DUPLICATE, replaced by " + written->relative_path() +
            " but not removed: " + removed.error().detail()
        );
    }
    return written;
}

Result<MessageLocation> MessageFile::hold_apart(
    const std::vector<std::size_t>& held, std::string_view reason, unsigned subdirs
) {
    Envelope apart = envelope();
    apart.recipients.clear();
    for (const std::size_t index : held)
        apart.recipients.push_back(envelope().recipients.at(index));
    apart.hold_reason = std::string(reason);
    return write_beside(std::move(apart), state_->location.name.attempts, subdirs);
}

Result<MessageLocation> MessageFile::write_beside(
    Envelope envelope, unsigned attempts, unsigned subdirs
) {
    State& state = *state_;
    assert(state.owned);
    auto records = history();
    if (!records) return std::move(records).error();
    envelope.ancestor = state.location.name.unique;
    CopyOptions copy;
    copy.channel = state.location.channel;
    copy.subdirs = subdirs;
    copy.attempts = attempts;
    copy.history = inherited_history(*std::move(records), state.store.options().history_max);
    return write_copy(state.store, copy, envelope, [this](MessageWriter& writer) {
        return copy_content(writer);
    });
}

/// Octet for octet; a content whose checksum no longer fits is not passed on as good.
Result<void> MessageFile::copy_content(MessageWriter& writer) {
    StreamHash hash;
    std::string chunk(std::min<std::uint64_t>(content_size(), copy_chunk), '\0');
    for (std::uint64_t offset = 0; offset < content_size();) {
        auto count = read_content(offset, chunk.data(), chunk.size());
        if (!count) return std::move(count).error();
        const std::string_view bytes(chunk.data(), *count);
        hash.update(bytes);
        if (auto appended = writer.append(bytes); !appended) return appended;
        offset += *count;
    }
    const auto& expected = state_->front.content_hash;
    if (expected && *expected != hash.value()) {
        return damaged_error("%IMTA-E-BADMSG, content checksum differs");
    }
    return {};
}

}  // namespace sluice::queue
