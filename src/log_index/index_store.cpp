#include "log_index/index_store.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "store/lmdb_handles.h"

namespace sluice::log_index {

namespace {

// Address space, not memory: the file grows with what is put in.
constexpr std::size_t map_size = 64UL << 30U;

std::string key_of(std::uint64_t log, std::uint64_t start) {
    std::string key;
    for (const std::uint64_t number : {log, start}) {
        for (int shift = 56; shift >= 0; shift -= 8)
            key += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
    }
    return key;
}

std::uint64_t number_at(std::string_view key, std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out = (out << 8U) | static_cast<unsigned char>(key[at + i]);
    return out;
}

// What was looked at stays in the page cache; it need not count as memory of this process too.
void release_pages(std::string_view value) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(value.data()) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(value.data() + value.size());
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

std::string data_file(const std::string& directory) {
    return directory + "/data.mdb";
}

}  // namespace

struct IndexStore::Impl {
    std::string directory;
    store::LmdbEnvironment environment;
    MDB_dbi table = 0;

    Result<store::LmdbTransaction> begin(bool for_writing) const {
        MDB_txn* raw = nullptr;
        const int code =
            mdb_txn_begin(environment.get(), nullptr, for_writing ? 0 : MDB_RDONLY, &raw);
        if (code != 0) return store::lmdb_error(code, directory);
        return store::LmdbTransaction(raw);
    }
};

IndexStore::IndexStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexStore::IndexStore(IndexStore&&) noexcept = default;
IndexStore& IndexStore::operator=(IndexStore&&) noexcept = default;
IndexStore::~IndexStore() = default;

namespace {

// A file that is shorter than LMDB believes would be mapped beyond its end.
bool is_whole(MDB_env* environment, const std::string& directory) {
    MDB_envinfo info{};
    MDB_stat stat{};
    struct stat status {};
    if (mdb_env_info(environment, &info) != 0 || mdb_env_stat(environment, &stat) != 0 ||
        ::stat(data_file(directory).c_str(), &status) != 0)
        return false;
    return static_cast<std::uint64_t>(status.st_size) >=
           std::uint64_t{info.me_last_pgno + 1} * stat.ms_psize;
}

Result<store::LmdbEnvironment> open_environment(const std::string& directory, bool for_writing) {
    MDB_env* raw = nullptr;
    int code = mdb_env_create(&raw);
    if (code != 0) return store::lmdb_error(code, directory);
    store::LmdbEnvironment environment(raw);
    mdb_env_set_mapsize(raw, map_size);
    const unsigned flags = (for_writing ? MDB_NOMETASYNC : MDB_RDONLY) | MDB_NOTLS | MDB_NORDAHEAD;
    code = mdb_env_open(raw, directory.c_str(), flags, 0640);
    if (code != 0) return store::lmdb_error(code, directory);
    if (!is_whole(raw, directory))
        return Error::temporary({4, 3, 0}, "database failure", directory + " is damaged");
    return environment;
}

void remove_files(const std::string& directory) {
    std::error_code ignored;
    std::filesystem::remove(data_file(directory), ignored);
    std::filesystem::remove(directory + "/lock.mdb", ignored);
}

}  // namespace

Result<IndexStore> IndexStore::open(const std::string& directory, bool for_writing) {
    if (for_writing) {
        if (auto made = make_directories(directory, 0750); !made) return made.error();
    } else if (!file_exists(data_file(directory))) {
        return Error::temporary({4, 3, 0}, "no index", directory + " has no index");
    }
    auto environment = open_environment(directory, for_writing);
    if (!environment && for_writing) {
        diag::warning(environment.error().detail() + "; the index is made again");
        remove_files(directory);
        environment = open_environment(directory, true);
    }
    if (!environment) return std::move(environment).error();
    auto impl = std::make_unique<Impl>();
    impl->directory = directory;
    impl->environment = std::move(*environment);
    auto transaction = impl->begin(for_writing);
    if (!transaction) return std::move(transaction).error();
    int code = mdb_dbi_open(transaction->get(), nullptr, 0, &impl->table);
    if (code == 0) code = mdb_txn_commit(transaction->release());
    if (code != 0) return store::lmdb_error(code, directory);
    return IndexStore(std::move(impl));
}

bool IndexStore::has(std::uint64_t log, std::uint64_t start) const {
    auto transaction = impl_->begin(false);
    if (!transaction) return false;
    const std::string text = key_of(log, start);
    MDB_val key = store::lmdb_value(text);
    MDB_val value{};
    return mdb_get(transaction->get(), impl_->table, &key, &value) == 0;
}

Result<void> IndexStore::put(std::uint64_t log, std::uint64_t start, std::string_view value) {
    auto transaction = impl_->begin(true);
    if (!transaction) return std::move(transaction).error();
    const std::string text = key_of(log, start);
    MDB_val key = store::lmdb_value(text);
    MDB_val data = store::lmdb_value(value);
    int code = mdb_put(transaction->get(), impl_->table, &key, &data, 0);
    if (code == 0) code = mdb_txn_commit(transaction->release());
    if (code != 0) return store::lmdb_error(code, impl_->directory);
    return {};
}

void IndexStore::for_segments(
    std::uint64_t log, const std::function<bool(std::uint64_t, std::string_view)>& segment
) const {
    auto transaction = impl_->begin(false);
    if (!transaction) return;
    MDB_cursor* raw = nullptr;
    if (mdb_cursor_open(transaction->get(), impl_->table, &raw) != 0) return;
    const store::LmdbCursor cursor(raw);
    const std::string first = key_of(log, 0);
    MDB_val key = store::lmdb_value(first);
    MDB_val value{};
    for (int code = mdb_cursor_get(raw, &key, &value, MDB_SET_RANGE); code == 0;
         code = mdb_cursor_get(raw, &key, &value, MDB_NEXT)) {
        const std::string_view name = store::view_of(key);
        if (name.size() != first.size() || number_at(name, 0) != log) return;
        const bool go_on = segment(number_at(name, 8), store::view_of(value));
        release_pages(store::view_of(value));
        if (!go_on) return;
    }
}

Result<std::size_t> IndexStore::keep_only(const std::set<std::uint64_t>& logs) {
    std::vector<std::string> gone;
    {
        auto transaction = impl_->begin(false);
        if (!transaction) return std::move(transaction).error();
        MDB_cursor* raw = nullptr;
        const int code = mdb_cursor_open(transaction->get(), impl_->table, &raw);
        if (code != 0) return store::lmdb_error(code, impl_->directory);
        const store::LmdbCursor cursor(raw);
        MDB_val key{};
        MDB_val value{};
        while (mdb_cursor_get(raw, &key, &value, MDB_NEXT) == 0) {
            const std::string_view name = store::view_of(key);
            if (name.size() != 16 || !logs.contains(number_at(name, 0))) gone.emplace_back(name);
        }
    }
    for (const std::string& name : gone) {
        auto transaction = impl_->begin(true);
        if (!transaction) return std::move(transaction).error();
        MDB_val key = store::lmdb_value(name);
        int code = mdb_del(transaction->get(), impl_->table, &key, nullptr);
        if (code == 0) code = mdb_txn_commit(transaction->release());
        if (code != 0 && code != MDB_NOTFOUND) return store::lmdb_error(code, impl_->directory);
    }
    return gone.size();
}

std::uint64_t IndexStore::size() const {
    struct stat status {};
    const bool known = ::stat(data_file(impl_->directory).c_str(), &status) == 0;
    return known ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace sluice::log_index
