#include "store/shared_table.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "base/log.h"
#include "base/unique_fd.h"
#include "store/lmdb_handles.h"
#include "store/table_gate.h"

namespace sluice::store {

namespace {

std::string_view text_of(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

class Transaction final : public SharedTable::View {
public:
    Transaction(MDB_txn* transaction, MDB_dbi table) : transaction_(transaction), table_(table) {}

    std::optional<std::string> get(std::string_view key) override {
        MDB_val name = lmdb_value(key);
        MDB_val value{};
        const int code = mdb_get(transaction_, table_, &name, &value);
        if (code == 0) return std::string(text_of(value));
        note(code == MDB_NOTFOUND ? 0 : code);
        return std::nullopt;
    }
    void put(std::string_view key, std::string_view value) override {
        MDB_val name = lmdb_value(key);
        MDB_val text = lmdb_value(value);
        note(mdb_put(transaction_, table_, &name, &text, 0));
    }
    void erase(std::string_view key) override {
        MDB_val name = lmdb_value(key);
        const int code = mdb_del(transaction_, table_, &name, nullptr);
        note(code == MDB_NOTFOUND ? 0 : code);
    }
    std::optional<std::string> first(std::string_view prefix) override {
        MDB_cursor* raw = nullptr;
        if (const int code = mdb_cursor_open(transaction_, table_, &raw); code != 0) {
            note(code);
            return std::nullopt;
        }
        const LmdbCursor cursor(raw);
        MDB_val name = lmdb_value(prefix);
        MDB_val value{};
        const int code = mdb_cursor_get(raw, &name, &value, MDB_SET_RANGE);
        note(code == MDB_NOTFOUND ? 0 : code);
        if (code != 0 || !text_of(name).starts_with(prefix)) return std::nullopt;
        return std::string(text_of(name));
    }
    void for_each(
        std::string_view prefix,
        const std::function<void(std::string_view, std::string_view)>& found
    ) override {
        MDB_cursor* raw = nullptr;
        if (const int code = mdb_cursor_open(transaction_, table_, &raw); code != 0)
            return note(code);
        const LmdbCursor cursor(raw);
        MDB_val name = lmdb_value(prefix);
        MDB_val value{};
        int code = mdb_cursor_get(raw, &name, &value, MDB_SET_RANGE);
        while (code == 0 && text_of(name).starts_with(prefix)) {
            found(text_of(name), text_of(value));
            code = mdb_cursor_get(raw, &name, &value, MDB_NEXT);
        }
        note(code == MDB_NOTFOUND ? 0 : code);
    }
    [[nodiscard]] int failure() const { return failure_; }

private:
    void note(int code) {
        if (failure_ == 0) failure_ = code;
    }

    MDB_txn* transaction_;
    MDB_dbi table_;
    int failure_ = 0;
};

}  // namespace

namespace {

Result<LmdbEnvironment> open_environment(int fd, const std::string& path, std::size_t room) {
    MDB_env* raw = nullptr;
    if (const int code = mdb_env_create(&raw); code != 0) return lmdb_error(code, "create");
    LmdbEnvironment environment(raw);
    mdb_env_set_mapsize(raw, room);
    // Whoever looks or changes is behind the gate, so LMDB need not lock: its lock file would be
    // one more that can be lost or outlive the table. By its descriptor, so that it is this file.
    constexpr unsigned flags = MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOTLS | MDB_NOLOCK;
    const std::string opened = "/proc/self/fd/" + std::to_string(fd);
    if (const int code = mdb_env_open(raw, opened.c_str(), flags, 0600); code != 0)
        return lmdb_error(code, "open " + path);
    return environment;
}

Result<MDB_dbi> open_table(MDB_env* environment, const std::string& path) {
    MDB_txn* begun = nullptr;
    if (const int code = mdb_txn_begin(environment, nullptr, 0, &begun); code != 0)
        return lmdb_error(code, "begin " + path);
    LmdbTransaction transaction(begun);
    MDB_dbi table = 0;
    if (const int code = mdb_dbi_open(begun, nullptr, 0, &table); code != 0)
        return lmdb_error(code, "open " + path);
    if (const int code = mdb_txn_commit(transaction.release()); code != 0)
        return lmdb_error(code, "open " + path);
    return table;
}

}  // namespace

struct SharedTable::Impl {
    Impl(std::string its_path, std::size_t its_room)
        : path(std::move(its_path)), room(its_room), gate(path + "-gate") {}

    /// Behind the gate: the file of that name, opened. Anew: an empty one takes its place.
    Result<void> prepare(bool anew) {
        if (anew) {
            close();
            ::unlink(path.c_str());
        }
        if (environment && is_same_file()) {
            if (!is_cut()) return {};
            diag::warning("cut short: " + path + "; an empty table takes its place");
            ::unlink(path.c_str());
        }
        close();
        auto opened = open();
        if (opened || anew) return opened;
        diag::warning(opened.error().detail() + "; an empty table takes its place");
        ::unlink(path.c_str());
        return open();
    }

    Result<void> run(const std::function<void(View&)>& make) {
        MDB_txn* begun = nullptr;
        if (const int code = mdb_txn_begin(environment.get(), nullptr, 0, &begun); code != 0)
            return failed(code, "begin ");
        LmdbTransaction transaction(begun);
        Transaction view(begun, table);
        make(view);
        if (view.failure() != 0) {
            transaction.reset();
            return failed(view.failure(), "change ");
        }
        if (const int code = mdb_txn_commit(transaction.release()); code != 0)
            return failed(code, "change ");
        note_size();
        return {};
    }

    void close() {
        environment.reset();
        fd.reset();
    }

    const std::string path;
    const std::size_t room;
    std::mutex mutex;
    TableGate gate;
    UniqueFd fd;
    LmdbEnvironment environment;
    MDB_dbi table = 0;
    off_t seen_size = 0;

private:
    Result<void> open() {
        fd.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!fd) return Error::from_errno(errno, "open " + path);
        auto opened = open_environment(fd.get(), path, room);
        if (!opened) return std::move(opened).error();
        const auto its_table = open_table(opened->get(), path);
        if (!its_table) return its_table.error();
        environment = std::move(*opened);
        table = *its_table;
        seen_size = 0;
        return {};
    }

    [[nodiscard]] bool is_same_file() const {
        struct stat ours {};
        struct stat there {};
        return ::fstat(fd.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
               ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
    }
    /// It only grows, unless somebody cuts it; what is mapped behind its end must not be touched.
    [[nodiscard]] bool is_cut() const {
        struct stat ours {};
        return ::fstat(fd.get(), &ours) != 0 || ours.st_size < seen_size;
    }
    void note_size() {
        struct stat ours {};
        if (::fstat(fd.get(), &ours) == 0) seen_size = ours.st_size;
    }

    /// Full or damaged: the next change begins with an empty table.
    Error failed(int code, const std::string& what) {
        if (code == MDB_MAP_FULL || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
            code == MDB_PANIC || code == MDB_INVALID || code == MDB_VERSION_MISMATCH ||
            code == MDB_MAP_RESIZED) {
            close();
            ::unlink(path.c_str());
        }
        return lmdb_error(code, what + path);
    }
};

SharedTable::SharedTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SharedTable::~SharedTable() = default;

Result<std::unique_ptr<SharedTable>> SharedTable::open(const std::string& path, std::size_t room) {
    std::unique_ptr<SharedTable> table(new SharedTable(std::make_unique<Impl>(path, room)));
    if (auto usable = table->change([](View&) {}); !usable) return std::move(usable).error();
    return table;
}

Result<void> SharedTable::change(const std::function<void(View&)>& make) {
    const std::lock_guard lock(impl_->mutex);
    const auto anew = impl_->gate.enter();
    if (!anew) return anew.error();
    struct Leaving {
        TableGate& gate;
        ~Leaving() { gate.leave(); }
    };
    const Leaving leaving{impl_->gate};
    if (auto prepared = impl_->prepare(*anew); !prepared) return prepared;
    return impl_->run(make);
}

}  // namespace sluice::store
