#include "mapping/table.h"

#include <utility>

namespace sluice::mapping {

namespace {

EntryIndex index_of(const std::vector<Entry>& entries) {
    std::vector<const Pattern*> patterns;
    patterns.reserve(entries.size());
    for (const auto& entry : entries) patterns.push_back(&entry.pattern);
    return EntryIndex(patterns);
}

}  // namespace

Table::Table(std::string name, SourceLocation where, std::vector<Entry> entries)
    : name_(std::move(name)),
      where_(std::move(where)),
      entries_(std::move(entries)),
      index_(index_of(entries_)) {}

bool TableSet::add(Table&& table) {
    std::string name = table.name();
    return tables_.try_emplace(std::move(name), std::move(table)).second;
}

const Table* TableSet::find(std::string_view name) const {
    const auto found = tables_.find(name);
    return found == tables_.end() ? nullptr : &found->second;
}

std::size_t TableSet::entry_count() const {
    std::size_t count = 0;
    for (const auto& [name, table] : tables_) count += table.entries().size();
    return count;
}

}  // namespace sluice::mapping
