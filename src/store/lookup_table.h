#pragma once

#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/lookup_database.h"

namespace sluice::store {

/// The database of that name: opened when it is first asked, and again when another file has taken
/// its place, which is noticed after `patience` at the latest, and at once where the first was not
/// usable. Thread-safe. A look-up costs the
/// search, and now and then one stat(); opening a file reads it once.
class LookupTable {
public:
    explicit LookupTable(std::string path, std::chrono::milliseconds patience = {})
        : path_(std::move(path)), patience_(patience) {}

    /// nullopt: there is no such key, or no such database. A temporary Error: the file there is no
    /// usable database; that is also said in the component log, once for each such file.
    Result<std::optional<std::string>> find(std::string_view key);
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    /// What tells one file of a name from the next.
    struct Identity {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = 0;
        timespec changed{};

        [[nodiscard]] bool operator==(const Identity& other) const;
    };
    [[nodiscard]] static Identity identity_of(const struct stat& status);
    Result<std::shared_ptr<const LookupDatabase>> current();
    void reopen(const Identity& identity);

    const std::string path_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::optional<std::chrono::steady_clock::time_point> looked_;
    std::optional<Identity> seen_;                    ///< nullopt: there was no file
    std::shared_ptr<const LookupDatabase> database_;  ///< null: none, or not usable
    bool stat_failed_ = false;
};

}  // namespace sluice::store
