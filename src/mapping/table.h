#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "mapping/entry_index.h"
#include "mapping/pattern.h"
#include "mapping/template.h"

namespace sluice::mapping {

/// One line of a table: if `pattern` covers the text, `result` says what becomes of it.
struct Entry {
    Pattern pattern;
    Template result;
    SourceLocation where;  ///< its identity
};

/// A named list of entries, tried from top to bottom, with an index that names the few entries a
/// text can match at all. Immutable after construction.
class Table {
public:
    Table(std::string name, SourceLocation where, std::vector<Entry> entries);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const SourceLocation& where() const { return where_; }
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] const EntryIndex& index() const { return index_; }

private:
    std::string name_;
    SourceLocation where_;
    std::vector<Entry> entries_;
    EntryIndex index_;
};

/// All tables of a mapping file; the reloadable unit. Read-only once built, then safe to share
/// between threads. Table names compare without regard to case.
class TableSet {
public:
    /// False, and nothing changes, if a table of that name exists.
    bool add(Table&& table);
    [[nodiscard]] const Table* find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, Table, LessIgnoringCase>& tables() const {
        return tables_;
    }
    [[nodiscard]] std::size_t entry_count() const;

private:
    std::map<std::string, Table, LessIgnoringCase> tables_;
};

}  // namespace sluice::mapping
