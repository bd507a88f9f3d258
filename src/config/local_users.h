#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/file_source.h"

namespace sluice::config {

/// Who has a mailbox in the store that channel `l` delivers to (manual page local_users(5)). Names
/// are compared without regard to case. A plain immutable value once read.
class LocalUsers {
public:
    void add(std::string_view name);
    void add_prefix(std::string_view prefix);
    [[nodiscard]] bool contains(std::string_view local_part) const;
    [[nodiscard]] bool empty() const { return names_.empty() && prefixes_.empty(); }

private:
    std::set<std::string, LessIgnoringCase> names_;
    std::vector<std::string> prefixes_;
};

/// One name a line; `name*` stands for every name that begins so; "!" in column one starts a
/// comment. A missing file is no error: then nobody has a mailbox. Findings: E601 for a line that
/// is no name.
LocalUsers read_local_users(const std::string& path, FileSource& files, Diagnostics& diagnostics);

}  // namespace sluice::config
