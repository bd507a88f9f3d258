#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alias/alias_table.h"
#include "base/result.h"
#include "config/configuration.h"
#include "mapping/answers.h"

namespace sluice::policy {

/// The files of mailing lists as the shell answers for them: members, senders, user patterns,
/// header fields. They are asked for at each use, so a change counts from the next message on. An
/// Error is temporary: a file that is missing must not lose mail. One object for one address.
class ListFiles {
public:
    ListFiles(const config::Configuration& configuration, mapping::Answers& outside)
        : configuration_(configuration), outside_(outside) {}

    /// All members of the files and of what they include.
    Result<std::vector<alias::Member>> members(const std::vector<alias::Alias::File>& files);
    /// Whether the file lists this address; case does not count.
    Result<bool> lists_address(const std::string& path, std::string_view address);
    /// Whether a line of the file is a pattern for this name.
    Result<bool> lists_name(const std::string& path, std::string_view name);
    Result<std::string> text(const std::string& path);

    /// Lines that are no addresses, for the log; each once.
    [[nodiscard]] const std::set<std::string>& warnings() const { return warnings_; }

private:
    Result<void> gather(
        const alias::Alias::File& file, int depth, std::vector<alias::Member>& members
    );

    const config::Configuration& configuration_;
    mapping::Answers& outside_;
    std::set<std::string> warnings_;
};

/// Whether `text` fits one of the patterns (`*` and `%`) between blanks.
bool fits_patterns(std::string_view patterns, std::string_view text);

}  // namespace sluice::policy
