#include "meter/table_view.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::meter {

namespace {

constexpr std::size_t due_digits = 16;
/// Entries that one insertion may throw out, so that a limit that was lowered stops nobody.
constexpr int most_removals = 64;

std::string due_text(WallTime due) {
    const std::string digits = to_hex(static_cast<std::uint64_t>(due.time_since_epoch().count()));
    return std::string(due_digits - digits.size(), '0') + digits;
}

}  // namespace

TableView::TableView(store::SharedTable::View& all, const TableSettings& table)
    : all_(all),
      table_(table),
      entries_("e/" + table.name + '/'),
      dues_("d/" + table.name + '/'),
      size_name_("n/" + table.name) {}

std::string TableView::entry_name(std::string_view key) const {
    return entries_ + std::string(key);
}

std::string TableView::due_name(WallTime due, std::string_view key) const {
    return dues_ + due_text(due) + '/' + std::string(key);
}

std::optional<Record> TableView::find(std::string_view key) {
    const auto octets = all_.get(entry_name(key));
    return octets ? decode(*octets) : std::nullopt;
}

void TableView::put(std::string_view key, const Record& record, WallTime now) {
    const std::string name = entry_name(key);
    const auto octets = all_.get(name);
    const auto before = octets ? decode(*octets) : std::nullopt;
    if (!octets) {
        make_room(now);
        set_size(size() + 1);
    }
    if (!before || before->due != record.due) {
        if (before) all_.erase(due_name(before->due, key));
        all_.put(due_name(record.due, key), {});
    }
    all_.put(name, encode(record));
}

void TableView::erase(std::string_view key) {
    const std::string name = entry_name(key);
    const auto octets = all_.get(name);
    if (!octets) return;
    if (const auto record = decode(*octets)) all_.erase(due_name(record->due, key));
    all_.erase(name);
    set_size(std::max<std::uint64_t>(size(), 1) - 1);
}

std::uint64_t TableView::size() {
    const auto text = all_.get(size_name_);
    return text ? parse_unsigned(*text).value_or(0) : 0;
}

void TableView::set_size(std::uint64_t size) {
    all_.put(size_name_, std::to_string(size));
}

// Two of those that are due for each that comes: what is left behind vanishes by and by.
void TableView::make_room(WallTime now) {
    const auto most = static_cast<std::uint64_t>(table_.max_entries);
    const std::string today = dues_ + due_text(now);
    const bool forgets_by_itself = table_.type != TableType::simple;
    for (int removed = 0; removed < most_removals; ++removed) {
        const bool is_full = size() >= most;
        const auto next = all_.first(dues_);
        if (!next) return;
        const bool is_due = forgets_by_itself && *next < today && removed < 2;
        if (!is_full && !is_due) return;
        const std::string key = next->substr(std::min(next->size(), today.size() + 1));
        erase(key);
        all_.erase(*next);  // also where its entry has gone or says something else
    }
}

void TableView::for_each(
    const std::function<void(std::string_view key, const Record& record)>& found
) {
    all_.for_each(entries_, [&](std::string_view name, std::string_view octets) {
        if (const auto record = decode(octets)) found(name.substr(entries_.size()), *record);
    });
}

}  // namespace sluice::meter
