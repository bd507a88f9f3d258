#include "queue/traced_storage.h"

#include <chrono>
#include <string>
#include <utility>

namespace sluice::queue {

namespace {

using Say = std::function<void(std::string_view)>;

std::string outcome_of(const Result<void>& done) {
    return done ? "" : ": " + done.error().detail();
}
template <class Value>
std::string outcome_of(const Result<Value>& done) {
    return done ? "" : ": " + done.error().detail();
}

/// Runs one call and says how it went.
template <class Call>
auto traced(const Say& say, const std::string& what, Call call) {
    const auto begun = std::chrono::steady_clock::now();
    auto done = call();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun
    );
    say("system: " + what + ", " + std::to_string(took.count()) + " us" + outcome_of(done));
    return done;
}

class TracedFile final : public StorageFile {
public:
    TracedFile(std::unique_ptr<StorageFile> inner, std::string path, const Say& say)
        : inner_(std::move(inner)), path_(std::move(path)), say_(say) {}

    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
        const std::string what = "write " + path_ + " at " + std::to_string(offset) + ", " +
                                 std::to_string(bytes.size()) + " octets";
        return traced(say_, what, [&] { return inner_->write_at(offset, bytes); });
    }
    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t size) override {
        return inner_->read_at(offset, to, size);
    }
    Result<void> reserve(std::uint64_t offset, std::uint64_t size) override {
        return inner_->reserve(offset, size);
    }
    void start_sync() override { inner_->start_sync(); }
    Result<void> sync_data() override {
        return traced(say_, "sync " + path_, [&] { return inner_->sync_data(); });
    }
    Result<FileStatus> status() override { return inner_->status(); }
    Result<void> set_modified(WallTime time) override { return inner_->set_modified(time); }
    Result<bool> try_lock(std::uint64_t offset, std::uint64_t size) override {
        auto locked = traced(say_, "lock " + path_, [&] { return inner_->try_lock(offset, size); });
        if (locked && !*locked) say_("system: lock " + path_ + ": another process has it");
        return locked;
    }
    void unlock(std::uint64_t offset, std::uint64_t size) override { inner_->unlock(offset, size); }
    [[nodiscard]] int descriptor() const override { return inner_->descriptor(); }
    [[nodiscard]] std::uint64_t descriptor_offset() const override {
        return inner_->descriptor_offset();
    }

private:
    const std::unique_ptr<StorageFile> inner_;
    const std::string path_;
    const Say& say_;
};

class TracedStorage final : public Storage {
public:
    TracedStorage(Storage& inner, Say say) : inner_(inner), say_(std::move(say)) {}

    Result<std::unique_ptr<StorageFile>> create(const std::string& path) override {
        return wrapped(traced(say_, "create " + path, [&] { return inner_.create(path); }), path);
    }
    Result<std::unique_ptr<StorageFile>> open(const std::string& path, Open mode) override {
        return wrapped(traced(say_, "open " + path, [&] { return inner_.open(path, mode); }), path);
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return traced(say_, "rename " + from + " to " + to, [&] {
            return inner_.rename(from, to);
        });
    }
    Result<void> unlink(const std::string& path) override {
        return traced(say_, "remove " + path, [&] { return inner_.unlink(path); });
    }
    Result<void> make_directory(const std::string& path) override {
        return traced(say_, "make directory " + path, [&] { return inner_.make_directory(path); });
    }
    Result<void> sync_directory(const std::string& path) override {
        return traced(say_, "sync directory " + path, [&] { return inner_.sync_directory(path); });
    }
    Result<FileStatus> status(const std::string& path) override { return inner_.status(path); }
    Result<void> list(const std::string& path, const Visit& visit) override {
        return traced(say_, "list " + path, [&] { return inner_.list(path, visit); });
    }
    Result<void> list_by_place(const std::string& path, const Visit& visit) override {
        return traced(say_, "list " + path, [&] { return inner_.list_by_place(path, visit); });
    }

private:
    Result<std::unique_ptr<StorageFile>> wrapped(
        Result<std::unique_ptr<StorageFile>> file, const std::string& path
    ) const {
        if (!file) return file;
        return std::unique_ptr<StorageFile>(
            std::make_unique<TracedFile>(std::move(*file), path, say_)
        );
    }

    Storage& inner_;
    const Say say_;
};

}  // namespace

std::unique_ptr<Storage> make_traced_storage(
    Storage& inner, std::function<void(std::string_view line)> say
) {
    return std::make_unique<TracedStorage>(inner, std::move(say));
}

}  // namespace sluice::queue
