#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::rollover {

/// A file by what does not change when its name does.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// How far a rollover got: the content of mail.log_rollover (docs/formats/rollover-journal.md).
/// Each stage is on stable storage before the step that it announces begins.
struct Journal {
    enum class Stage {
        append,    ///< yesterday's file is being appended to the cumulative one
        appended,  ///< it is there in full; yesterday's file may go
        removed,   ///< yesterday's file is gone; the current one takes its name
    };
    Stage stage = Stage::append;
    FileIdentity cumulative;
    std::uint64_t cumulative_size = 0;  ///< bytes before the append
    FileIdentity yesterday;
    std::uint64_t yesterday_size = 0;  ///< bytes

    friend bool operator==(const Journal&, const Journal&) = default;
};

/// One line of text with a version, ended by a line feed. Pure.
[[nodiscard]] std::string format_journal(const Journal& journal);
/// nullopt for anything that format_journal() does not make.
[[nodiscard]] std::optional<Journal> parse_journal(std::string_view text);

}  // namespace sluice::rollover
