#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "meter/record.h"
#include "meter/table_settings.h"

namespace sluice::meter {

/// Where the tables are. The one there is keeps them in this machine; a service that machines share
/// can be another. Thread-safe. May wait, for seconds at most.
class Backend {
public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    /// What is to become of a key. Nothing in it: the entry goes, or stays away.
    using Step = std::function<std::optional<Record>(const std::optional<Record>&, WallTime now)>;

    /// Looks a key up and puts what `step` makes of it in its place, while nobody else changes it.
    /// `step` may be called more than once; the last call counts. `key`: of key_of().
    virtual Result<void> update(
        const TableSettings& table, std::string_view key, const Step& step
    ) = 0;
    /// Only looks.
    virtual Result<std::optional<Record>> find(
        const TableSettings& table, std::string_view key
    ) = 0;
    /// Every entry, in the order of the keys.
    virtual Result<void> for_each(
        const TableSettings& table,
        const std::function<void(std::string_view key, const Record& record)>& found
    ) = 0;
};

}  // namespace sluice::meter
