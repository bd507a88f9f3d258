#include "store/shared_table.h"

#include <unistd.h>

#include "store/lmdb_handles.h"

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

struct SharedTable::Impl {
    std::string path;
    LmdbEnvironment environment;
    MDB_dbi table = 0;
};

SharedTable::SharedTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SharedTable::~SharedTable() = default;

namespace {

Result<LmdbEnvironment> open_environment(const std::string& path, std::size_t room) {
    MDB_env* raw = nullptr;
    if (const int code = mdb_env_create(&raw); code != 0) return lmdb_error(code, "create");
    LmdbEnvironment environment(raw);
    mdb_env_set_mapsize(raw, room);
    constexpr unsigned flags = MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOTLS;
    if (const int code = mdb_env_open(raw, path.c_str(), flags, 0600); code != 0)
        return lmdb_error(code, "open " + path);
    int dead = 0;
    mdb_reader_check(raw, &dead);
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

Result<std::unique_ptr<SharedTable>> SharedTable::open(const std::string& path, std::size_t room) {
    auto environment = open_environment(path, room);
    if (!environment) {  // no database, or damaged: it is only a cache
        ::unlink(path.c_str());
        environment = open_environment(path, room);
        if (!environment) return std::move(environment).error();
    }
    const auto table = open_table(environment->get(), path);
    if (!table) return table.error();
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->environment = std::move(*environment);
    impl->table = *table;
    return std::unique_ptr<SharedTable>(new SharedTable(std::move(impl)));
}

Result<void> SharedTable::change(const std::function<void(View&)>& make) {
    MDB_txn* begun = nullptr;
    if (const int code = mdb_txn_begin(impl_->environment.get(), nullptr, 0, &begun); code != 0)
        return lmdb_error(code, "begin " + impl_->path);
    LmdbTransaction transaction(begun);
    Transaction view(begun, impl_->table);
    make(view);
    if (view.failure() != 0) return lmdb_error(view.failure(), "change " + impl_->path);
    if (const int code = mdb_txn_commit(transaction.release()); code != 0)
        return lmdb_error(code, "change " + impl_->path);
    return {};
}

}  // namespace sluice::store
