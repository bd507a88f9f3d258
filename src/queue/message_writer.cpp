#include "queue/message_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/kill_point.h"
#include "base/log.h"
#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/random_bits.h"
#include "queue/segment_writer.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

constexpr std::size_t buffer_size = 64UL << 10U;
constexpr std::uint64_t slack_size = 512;
constexpr std::uint64_t block_size = 4096;

/// Locked from birth: the sweep leaves it alone, and no worker touches it before the 250.
Result<std::unique_ptr<StorageFile>> create_locked(Store& store, const std::string& path) {
    auto file = store.storage().create(path);
    if (!file) return file;
    auto locked = (*file)->try_lock(0, 0);
    if (locked && *locked) return file;
    (void)store.storage().unlink(path);
    return locked ? busy_error("lock " + path) : std::move(locked).error();
}

/// Room behind the end for done records when the disk is full.
Result<void> reserve_slack(StorageFile& file, std::uint64_t size) {
    const std::uint64_t left = block_size - size % block_size;
    if (left < slack_size) return file.reserve(size, slack_size);
    return {};
}

}  // namespace

FinishedFile::FinishedFile(Store& store) : store_(&store) {}

FinishedFile::FinishedFile(FinishedFile&&) noexcept = default;

FinishedFile& FinishedFile::operator=(FinishedFile&& other) noexcept {
    if (this == &other) return *this;
    discard();
    store_ = other.store_;
    file_ = std::move(other.file_);
    octets_ = std::move(other.octets_);
    temporary_path_ = std::move(other.temporary_path_);
    location_ = std::move(other.location_);
    content_offset_ = other.content_offset_;
    content_size_ = other.content_size_;
    file_size_ = other.file_size_;
    return *this;
}

FinishedFile::~FinishedFile() {
    discard();
}

void FinishedFile::discard() {
    if (!file_) return;
    auto removed = store_->storage().unlink(temporary_path_);
    if (!removed) diag::warning(removed.error().detail());
    file_.reset();
}

/// Directories that vanished since they were prepared are made again, once.
Result<void> FinishedFile::create() {
    const std::string& channel = location_.channel;
    temporary_path_ = store_->root() + '/' + channel + "/tmp/" + location_.name.unique;
    auto file = create_locked(*store_, temporary_path_);
    if (!file && file.error().error_number() == ENOENT) {
        store_->forget_prepared();
        if (auto ready = store_->prepare(channel, location_.sub_directory); !ready) return ready;
        file = create_locked(*store_, temporary_path_);
    }
    if (!file) return std::move(file).error();
    file_ = *std::move(file);
    kill_point("queue.create.opened");
    return {};
}

Result<void> FinishedFile::become_file() {
    if (auto created = create(); !created) return created;
    if (auto written = file_->write_at(0, octets_); !written) return written;
    octets_ = {};
    return reserve_slack(*file_, file_size_);
}

// The temporary file stays where it is until the rename: both are below the queue's root.
Result<void> FinishedFile::divert(const std::string& channel, unsigned subdirs) {
    MessageLocation location = location_;
    location.channel = channel;
    location.sub_directory = sub_directory_name(sub_directory_for(location.name.unique, subdirs));
    if (auto ready = store_->prepare(channel, location.sub_directory); !ready) return ready;
    location_ = std::move(location);
    return {};
}

Result<std::size_t> FinishedFile::read_content(std::uint64_t offset, char* to, std::size_t size) {
    const std::uint64_t left = content_size_ - std::min(offset, content_size_);
    if (left == 0) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
    if (is_in_memory()) return octets_.copy(to, wanted, content_offset_ + offset);
    return file_->read_at(content_offset_ + offset, to, wanted);
}

struct MessageWriter::State {
    State(Store& its_store, FinishedFile its_file, EncodedEnvelope encoded)
        : store(its_store),
          finished(std::move(its_file)),
          boundary(std::move(encoded.boundary)),
          tail_hash(encoded.tail_hash),
          head(encoded.bytes.substr(0, envelope_head_size)),
          buffer(std::move(encoded.bytes)) {}

    Result<void> begin(const CopyOptions& copy, bool is_held);
    /// Until it grows too large.
    [[nodiscard]] bool may_stay_in_memory() const;
    [[nodiscard]] std::size_t buffer_limit() const;
    Result<void> take(std::string_view bytes);
    Result<void> flush();
    Result<void> seal();
    Result<void> complete();
    [[nodiscard]] std::uint64_t size() const { return written + buffer.size(); }

    Store& store;
    FinishedFile finished;
    std::string boundary;
    std::uint64_t tail_hash;
    std::string head;
    std::string buffer;
    std::string history;
    StreamHash hash;
    std::uint64_t content_size = 0;
    std::uint64_t written = 0;
    std::optional<Error> failure;
};

MessageWriter::MessageWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
MessageWriter::MessageWriter(MessageWriter&&) noexcept = default;
MessageWriter& MessageWriter::operator=(MessageWriter&&) noexcept = default;
MessageWriter::~MessageWriter() = default;

Result<MessageWriter> MessageWriter::create(
    Store& store, const CopyOptions& copy, const Envelope& envelope
) {
    auto bits = random_bits();
    if (!bits) return std::move(bits).error();
    auto encoded = encode_envelope(envelope, *bits);
    if (!encoded) return std::move(encoded).error();
    FinishedFile finished(store);
    finished.content_offset_ = encoded.value().bytes.size();
    auto state = std::make_unique<State>(store, std::move(finished), std::move(encoded).value());
    state->history = copy.history;
    if (auto begun = state->begin(copy, envelope.hold_reason.has_value()); !begun) {
        return std::move(begun).error();
    }
    return MessageWriter(std::move(state));
}

/// Takes a unique part; where the file is made at once, one whose file does not exist.
Result<void> MessageWriter::State::begin(const CopyOptions& copy, bool is_held) {
    constexpr int tries = 16;
    for (int i = 0;; ++i) {
        auto unique = store.next_unique();
        if (!unique) return std::move(unique).error();
        const unsigned number = sub_directory_for(*unique, copy.subdirs);
        finished.location_ = {
            copy.channel,
            sub_directory_name(number),
            {copy.attempts, *std::move(unique), is_held ? "HELD" : "00"}};
        auto ready = store.prepare(copy.channel, finished.location_.sub_directory);
        if (!ready || may_stay_in_memory()) return ready;
        auto created = finished.create();
        if (created || created.error().error_number() != EEXIST || i == tries) return created;
    }
}

bool MessageWriter::State::may_stay_in_memory() const {
    return store.options().young_limit > 0 && fits_segment(finished.location());
}

const std::string& MessageWriter::unique() const {
    return state_->finished.location().name.unique;
}

std::uint64_t MessageWriter::content_size() const {
    return state_->content_size;
}

Result<void> MessageWriter::append(std::string_view bytes) {
    State& state = *state_;
    if (state.failure) return *state.failure;
    if (bytes.size() > max_content_size - state.content_size) {
        state.failure = Error::permanent({5, 3, 4}, "message too big for system");
        return *state.failure;
    }
    state.hash.update(bytes);
    state.content_size += bytes.size();
    return state.take(bytes);
}

Result<FinishedFile> MessageWriter::finish() {
    const std::unique_ptr<State> state = std::move(state_);
    if (auto completed = state->complete(); !completed) return std::move(completed).error();
    kill_point("queue.write.complete");
    state->finished.content_size_ = state->content_size;
    return std::move(state->finished);
}

// Small messages reach the file in one write, large ones in writes of the buffer's size.
Result<void> MessageWriter::State::take(std::string_view bytes) {
    for (std::size_t limit = buffer_limit(); buffer.size() + bytes.size() > limit;
         limit = buffer_limit()) {
        const std::size_t part = buffer.size() < limit ? limit - buffer.size() : 0;
        buffer.append(bytes.substr(0, part));
        bytes.remove_prefix(part);
        if (auto flushed = flush(); !flushed) return flushed;
        kill_point("queue.write.buffer");
    }
    buffer.append(bytes);
    return {};
}

std::size_t MessageWriter::State::buffer_limit() const {
    return finished.is_in_memory() ? std::max(store.options().young_limit, buffer_size)
                                   : buffer_size;
}

Result<void> MessageWriter::State::flush() {
    if (failure) return *failure;
    Result<void> done;
    if (finished.is_in_memory()) done = finished.create();
    if (done) done = finished.file_->write_at(written, buffer);
    if (!done) {
        failure = done.error();
        return done;
    }
    written += buffer.size();
    buffer.clear();
    return {};
}

/// Fills in what was not known at the start.
Result<void> MessageWriter::State::seal() {
    if (written == 0) {
        seal_envelope_head(buffer.data(), content_size, hash.value(), tail_hash);
        return {};
    }
    seal_envelope_head(head.data(), content_size, hash.value(), tail_hash);
    return finished.file_->write_at(0, head);
}

Result<void> MessageWriter::State::complete() {
    if (failure) return *failure;
    if (auto closed = take(boundary + '\n' + history); !closed) return closed;
    if (auto sealed = seal(); !sealed) return sealed;
    finished.file_size_ = size();
    if (finished.is_in_memory() && may_stay_in_memory()) {
        finished.octets_ = std::move(buffer);
        return {};
    }
    if (auto flushed = flush(); !flushed) return flushed;
    return reserve_slack(*finished.file_, written);
}

}  // namespace sluice::queue
