#include "store/lookup_database.h"

#include <fcntl.h>

#include <cerrno>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "store/limits.h"
#include "store/lmdb_handles.h"
#include "store/seal.h"

namespace sluice::store {

struct LookupDatabase::Impl {
    LmdbEnvironment environment;
    MDB_dbi table = 0;
    std::uint64_t entries = 0;
};

namespace {

Result<LmdbTransaction> begin(MDB_env* environment) {
    MDB_txn* transaction = nullptr;
    const int code = mdb_txn_begin(environment, nullptr, MDB_RDONLY, &transaction);
    if (code != 0) return lmdb_error(code, "begin");
    return LmdbTransaction(transaction);
}

}  // namespace

LookupDatabase::LookupDatabase(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LookupDatabase::~LookupDatabase() = default;

Result<std::unique_ptr<LookupDatabase>> LookupDatabase::open(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return Error::from_errno(errno, "open " + path);
    const auto seal = check_seal(fd.get());
    if (!seal)
        return Error::permanent(
            {5, 3, 5}, seal.error().text(), path + ": " + seal.error().detail()
        );
    MDB_env* raw = nullptr;
    if (const int code = mdb_env_create(&raw); code != 0) return lmdb_error(code, "create");
    auto impl = std::make_unique<Impl>();
    impl->environment.reset(raw);
    mdb_env_set_mapsize(raw, seal->size);
    // By its descriptor, not its name: the file that was checked is the file that is mapped. Nobody
    // writes to it any more, so there is nothing to lock.
    const std::string checked = "/proc/self/fd/" + std::to_string(fd.get());
    const int code = mdb_env_open(raw, checked.c_str(), MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK, 0);
    if (code != 0) return lmdb_error(code, "open " + path);
    auto transaction = begin(raw);
    if (!transaction) return std::move(transaction).error();
    if (const int opened = mdb_dbi_open(transaction->get(), nullptr, 0, &impl->table); opened != 0)
        return lmdb_error(opened, "open " + path);
    MDB_stat statistics{};
    mdb_stat(transaction->get(), impl->table, &statistics);
    impl->entries = statistics.ms_entries;
    return std::unique_ptr<LookupDatabase>(new LookupDatabase(std::move(impl)));
}

Result<std::optional<std::string>> LookupDatabase::find(std::string_view key) const {
    if (key.empty() || key.size() > limits::key) return std::optional<std::string>();
    const std::string folded = to_lower(key);
    auto transaction = begin(impl_->environment.get());
    if (!transaction) return std::move(transaction).error();
    MDB_val wanted = lmdb_value(folded);
    MDB_val found{};
    const int code = mdb_get(transaction->get(), impl_->table, &wanted, &found);
    if (code == MDB_NOTFOUND) return std::optional<std::string>();
    if (code != 0) return lmdb_error(code, "look up");
    return std::optional<std::string>(view_of(found));
}

Result<void> LookupDatabase::each(
    const std::function<void(std::string_view key, std::string_view value)>& take
) const {
    auto transaction = begin(impl_->environment.get());
    if (!transaction) return std::move(transaction).error();
    MDB_cursor* raw = nullptr;
    if (const int code = mdb_cursor_open(transaction->get(), impl_->table, &raw); code != 0)
        return lmdb_error(code, "read");
    const LmdbCursor cursor(raw);
    MDB_val key{};
    MDB_val value{};
    int code = 0;
    while ((code = mdb_cursor_get(raw, &key, &value, MDB_NEXT)) == 0)
        take(view_of(key), view_of(value));
    if (code != MDB_NOTFOUND) return lmdb_error(code, "read");
    return {};
}

std::uint64_t LookupDatabase::size() const {
    return impl_->entries;
}

}  // namespace sluice::store
