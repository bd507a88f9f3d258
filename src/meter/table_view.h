#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "meter/record.h"
#include "meter/table_settings.h"
#include "store/shared_table.h"

namespace sluice::meter {

/// One of our tables within a change of the shared table that holds all of them. Keeps it bounded:
/// what is due goes when something comes, and where the table is full all the same, what would be
/// due next. Entries:
///
///     e/TABLE/KEY      the record
///     d/TABLE/DUE/KEY  empty; DUE in 16 hexadecimal digits, so that they stand in order
///     n/TABLE          how many there are
class TableView {
public:
    TableView(store::SharedTable::View& all, const TableSettings& table);

    /// What is not readable counts as not there.
    [[nodiscard]] std::optional<Record> find(std::string_view key);
    void put(std::string_view key, const Record& record, WallTime now);
    void erase(std::string_view key);
    [[nodiscard]] std::uint64_t size();
    /// In the order of the keys.
    void for_each(const std::function<void(std::string_view key, const Record& record)>& found);

private:
    [[nodiscard]] std::string entry_name(std::string_view key) const;
    [[nodiscard]] std::string due_name(WallTime due, std::string_view key) const;
    void set_size(std::uint64_t size);
    void make_room(WallTime now);

    store::SharedTable::View& all_;
    const TableSettings& table_;
    const std::string entries_;
    const std::string dues_;
    const std::string size_name_;
};

}  // namespace sluice::meter
