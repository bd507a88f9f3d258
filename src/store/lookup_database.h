#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::store {

/// One file of keys and values as `crdb` makes it: LMDB, sealed (docs/formats/lookup-database.md),
/// never changed once it has its name. Thread-safe.
class LookupDatabase {
public:
    /// Checks the whole file and maps it. Errors: of the system (error_number() is ENOENT where
    /// there is no file), or permanent where the file is no intact database.
    static Result<std::unique_ptr<LookupDatabase>> open(const std::string& path);
    ~LookupDatabase();
    LookupDatabase(const LookupDatabase&) = delete;
    LookupDatabase& operator=(const LookupDatabase&) = delete;

    /// Keys have no case. nullopt: no such key. Does not block once the pages are in memory.
    [[nodiscard]] Result<std::optional<std::string>> find(std::string_view key) const;
    /// All entries in the order of their keys.
    [[nodiscard]] Result<void> each(
        const std::function<void(std::string_view key, std::string_view value)>& take
    ) const;
    [[nodiscard]] std::uint64_t size() const;

private:
    struct Impl;
    explicit LookupDatabase(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::store
