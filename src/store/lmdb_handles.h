#pragma once

#include <lmdb.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/deleter.h"
#include "base/result.h"

// LMDB's handles with owners, for the .cpp files of this room.
namespace sluice::store {

using LmdbEnvironment = std::unique_ptr<MDB_env, Deleter<mdb_env_close>>;
using LmdbTransaction = std::unique_ptr<MDB_txn, Deleter<mdb_txn_abort>>;
using LmdbCursor = std::unique_ptr<MDB_cursor, Deleter<mdb_cursor_close>>;

inline Error lmdb_error(int code, const std::string& what) {
    return Error::temporary({4, 3, 0}, "database failure", what + ": " + mdb_strerror(code));
}

inline MDB_val lmdb_value(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

inline std::string_view view_of(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

}  // namespace sluice::store
