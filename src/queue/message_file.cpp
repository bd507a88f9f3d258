#include "queue/message_file.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/kill_point.h"
#include "base/log.h"
#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/message_file_state.h"
#include "queue/message_front.h"
#include "queue/promotion.h"
#include "queue/removed_files.h"
#include "queue/segment_writer.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

struct MessageFile::Opened {
    std::unique_ptr<StorageFile> file;
    FileStatus status;
    EntryFile* young = nullptr;
};

namespace {

using Opened = MessageFile::Opened;

constexpr std::size_t read_chunk = 256UL << 10U;

/// `path` is for people.
Result<Opened> look_at(Store& store, std::unique_ptr<StorageFile> file, const std::string& path) {
    auto status = file->status();
    if (!status) return std::move(status).error();
    if (status->kind != FileKind::regular) return alien_error("not a regular file: " + path);
    if (status->owner != store.owner()) return alien_error("foreign owner: " + path);
    return Opened{std::move(file), *status, nullptr};
}

Result<Opened> open_regular(Store& store, const std::string& path, Access access) {
    const auto mode = access == Access::own ? Storage::Open::read_write : Storage::Open::read;
    auto file = store.storage().open(path, mode);
    if (!file) return std::move(file).error();
    return look_at(store, *std::move(file), path);
}

Result<Opened> open_entry(Store& store, const MessageLocation& location, Access access) {
    if (!fits_segment(location)) return gone_error(location.relative_path());
    auto entry = store.segments().find(location.name.unique);
    if (!entry) return std::move(entry).error();
    if (!*entry || (**entry).location() != location) return gone_error(location.relative_path());
    auto file = EntryFile::open(store, **entry, access == Access::own);
    if (!file) return std::move(file).error();
    auto status = (*file)->status();
    if (!status) return std::move(status).error();
    EntryFile* young = file->get();
    return Opened{*std::move(file), *status, young};
}

/// After the lock: the name must still lead to the file that was opened.
Result<void> check_still_there(Store& store, const std::string& path, StorageFile& file) {
    auto opened = file.status();
    if (!opened) return std::move(opened).error();
    if (opened->links == 0) return gone_error(path);
    if (opened->links != 1) return alien_error("has several names: " + path);
    auto named = store.storage().status(path);
    if (!named) return std::move(named).error();
    if (named->inode != opened->inode || named->device != opened->device) return gone_error(path);
    return {};
}

/// The file is ours. One that an entry still stands for as well comes from a promotion that was
/// killed: once it is renamed or gone, the entry would be delivered again.
void settle_twin(Store& store, const MessageLocation& location) {
    if (!fits_segment(location)) return;
    auto entry = store.segments().find(location.name.unique);
    if (!entry || !*entry || (**entry).location() != location) return;
    const auto settled = finish_promotion(store, **entry);
    if (!settled) diag::warning("%IMTA-W-DUPLICATE, entry not marked: " + settled.error().detail());
}

/// A file goes before an entry of the same name: the message was on its way from the one to the
/// other when a program was killed.
Result<Opened> open_at(Store& store, const MessageLocation& location, Access access) {
    const std::string path = location.path(store.root());
    auto opened = open_regular(store, path, access);
    if (!opened && failure_kind(opened.error()) == Failure::gone) {
        return open_entry(store, location, access);
    }
    if (!opened || access == Access::read) return opened;
    auto locked = opened->file->try_lock(0, 0);
    if (!locked) return std::move(locked).error();
    if (!*locked) return busy_error("message is in use: " + path);
    if (auto there = check_still_there(store, path, *opened->file); !there) {
        return std::move(there).error();
    }
    // Between open and lock another worker may have appended.
    auto status = opened->file->status();
    if (!status) return std::move(status).error();
    opened->status = *status;
    settle_twin(store, location);
    return opened;
}

/// Opens where the caller thinks it is; else where its unique part is found now.
Result<Opened> open_wherever(Store& store, MessageLocation& location, Access access) {
    constexpr int tries = 3;
    auto opened = open_at(store, location, access);
    for (int i = 0; i < tries && !opened && failure_kind(opened.error()) == Failure::gone; ++i) {
        auto found = store.find(location.channel, location.name.unique, location.sub_directory);
        if (!found) return std::move(found).error();
        location = *std::move(found);
        opened = open_at(store, location, access);
    }
    return opened;
}

/// Most messages are small, and a buffer is cleared before it is read into.
std::size_t read_size(std::uint64_t left) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, read_chunk));
}

}  // namespace

MessageFile::MessageFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
MessageFile::MessageFile(MessageFile&&) noexcept = default;

MessageFile& MessageFile::operator=(MessageFile&& other) noexcept {
    close();
    state_ = std::move(other.state_);
    return *this;
}

MessageFile::~MessageFile() {
    close();
}

void MessageFile::close() {
    if (state_ && state_->removed) state_->store.removed_files().close(std::move(state_->file));
    state_.reset();
}

Result<MessageFile> MessageFile::open(
    Store& store, const MessageLocation& location, Access access
) {
    MessageLocation where = location;
    auto opened = open_wherever(store, where, access);
    if (!opened) return std::move(opened).error();
    if (opened->young && opened->young->is_damaged()) {
        return damaged_error("%IMTA-E-BADMSG, entry checksum differs");
    }
    return read(store, std::move(where), *std::move(opened), access);
}

Result<MessageFile> MessageFile::open_in(
    Store& store, StorageDirectory& directory, const MessageLocation& location
) {
    auto file = directory.open_to_read(location.name.to_string());
    if (!file) return std::move(file).error();
    auto opened = look_at(store, *std::move(file), location.path(store.root()));
    if (!opened) return std::move(opened).error();
    return read(store, location, *std::move(opened), Access::read);
}

Result<MessageFile> MessageFile::read(
    Store& store, MessageLocation where, Opened opened, Access access
) {
    auto front = read_envelope(*opened.file, opened.status.size);
    if (!front) return std::move(front).error();
    const std::uint64_t history_at =
        front->content_offset + front->content_size + front->boundary.size() + 1;
    const FileIdentity identity =
        opened.young ? FileIdentity{} : FileIdentity{opened.status.device, opened.status.inode};
    return MessageFile(std::make_unique<State>(State{
        store, std::move(where), std::move(opened.file), opened.young, *std::move(front), identity,
        history_at, opened.status.size, access == Access::own}));
}

const MessageLocation& MessageFile::location() const {
    return state_->location;
}
const Envelope& MessageFile::envelope() const {
    return state_->front.envelope;
}
Envelope MessageFile::take_envelope() && {
    return std::move(state_->front.envelope);
}
FileIdentity MessageFile::identity() const {
    return state_->identity;
}
std::uint64_t MessageFile::content_size() const {
    return state_->front.content_size;
}
std::uint64_t MessageFile::content_offset() const {
    return state_->front.content_offset;
}
int MessageFile::descriptor() const {
    return state_->file->descriptor();
}
std::uint64_t MessageFile::descriptor_offset() const {
    return state_->file->descriptor_offset() + content_offset();
}

Result<std::size_t> MessageFile::read_content(std::uint64_t offset, char* to, std::size_t size) {
    if (offset >= content_size()) return std::size_t{0};
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, content_size() - offset));
    auto count = state_->file->read_at(content_offset() + offset, to, wanted);
    // The file was long enough when it was opened, and nobody shortens a queue file.
    if (count && *count != wanted) return damaged_error("%IMTA-E-BADMSG, content cut off");
    return count;
}

Result<void> MessageFile::verify_content() {
    if (!state_->front.content_hash) return {};
    StreamHash hash;
    std::string chunk(read_size(content_size()), '\0');
    for (std::uint64_t offset = 0; offset < content_size();) {
        auto count = read_content(offset, chunk.data(), chunk.size());
        if (!count) return std::move(count).error();
        hash.update({chunk.data(), *count});
        offset += *count;
    }
    if (hash.value() != *state_->front.content_hash) {
        return damaged_error("%IMTA-E-BADMSG, content checksum differs");
    }
    return {};
}

Result<std::vector<HistoryRecord>> MessageFile::history() {
    auto status = state_->file->status();
    if (!status) return std::move(status).error();
    const std::uint64_t size =
        status->size > state_->history_at ? status->size - state_->history_at : 0;
    auto area = state_->file->read_range(
        state_->history_at,
        static_cast<std::size_t>(std::min<std::uint64_t>(size, max_history_size))
    );
    if (!area) return std::move(area).error();
    return parse_history(*area);
}

Result<std::vector<std::size_t>> MessageFile::unfinished() {
    auto records = history();
    if (!records) return std::move(records).error();
    std::vector<std::string_view> done;
    for (const HistoryRecord& record : *records) {
        if (record.code == HistoryCode::done) done.push_back(record.recipient);
    }
    std::sort(done.begin(), done.end());
    std::vector<std::size_t> open;
    const std::vector<Recipient>& recipients = envelope().recipients;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (!std::binary_search(done.begin(), done.end(), recipients[i].address)) open.push_back(i);
    }
    return open;
}

Result<std::string> MessageFile::hold_reason() {
    auto records = history();
    if (!records) return std::move(records).error();
    const auto last = std::find_if(records->rbegin(), records->rend(), [](const auto& record) {
        return record.code == HistoryCode::held || record.code == HistoryCode::released;
    });
    if (last == records->rend()) return envelope().hold_reason.value_or("");
    return last->code == HistoryCode::held ? last->text : std::string();
}

Result<MessageLocation> mark_bad(Store& store, const MessageLocation& location) {
    MessageLocation where = location;
    auto opened = open_wherever(store, where, Access::own);
    if (!opened) return std::move(opened).error();
    if (opened->young) {
        auto file = promote(store, *opened->young);
        if (!file) return std::move(file).error();
        opened->file = *std::move(file);
    }
    MessageLocation bad = where;
    bad.name.suffix = "BAD";
    if (bad == where) return bad;
    auto renamed = store.storage().rename(where.path(store.root()), bad.path(store.root()));
    if (!renamed) return std::move(renamed).error();
    diag::warning("%IMTA-E-BADMSG, set aside: " + bad.relative_path());
    if (auto synced = store.storage().sync_directory(bad.directory(store.root())); !synced) {
        return std::move(synced).error();
    }
    return bad;
}

Result<std::string_view> WireReader::next() {
    stored_.resize(read_size(file_.content_size() - offset_));
    auto count = file_.read_content(offset_, stored_.data(), stored_.size());
    if (!count) return std::move(count).error();
    offset_ += *count;
    const std::string_view stored(stored_.data(), *count);
    if (file_.envelope().encoding != ContentEncoding::lf) return stored;
    wire_.clear();
    for (std::size_t start = 0; start < stored.size();) {
        const std::size_t end = stored.find('\n', start);
        wire_.append(stored.substr(start, end - start));
        if (end == std::string_view::npos) break;
        wire_.append("\r\n");
        start = end + 1;
    }
    return std::string_view(wire_);
}

}  // namespace sluice::queue
