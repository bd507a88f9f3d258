#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "enqueue/runtime.h"
#include "queue/message_file.h"
#include "utility/command_line.h"
#include "utility/qm_session.h"

// Going through the message files of many channels at once: what top and clean do.
namespace sluice::utility {

/// Which files, and how. The channel is a pattern; empty: all.
struct ScanPlan {
    std::string channel;
    bool also_held = false;
    bool ignore_untried = false;  ///< leave out what was never tried (ZZ)
    bool from_database = false;   ///< the job controller names them
    unsigned threads = 1;
};

struct ScanTotals {
    std::uint64_t files = 0;
    std::uint64_t opened = 0;
    std::uint64_t errors = 0;
    std::chrono::milliseconds elapsed{0};
};

/// Calls `look` for every file, from as many threads as the plan says; `look` does its own locking.
Result<ScanTotals> scan_messages(
    QmSession& session,
    Console& console,
    const ScanPlan& plan,
    const std::function<void(queue::MessageFile&)>& look
);

/// The switches of both commands, as a plan. On failure the reason is said on the console.
std::optional<ScanPlan> scan_plan(
    const CommandLine& line, const QmSession& session, Console& console
);

/// Part of a text: from character `start` (1 is the first), at most `length`.
struct TextRange {
    std::uint64_t start = 1;
    std::uint64_t length = 0;

    /// "(START=1,LENGTH=20)"; what is not named is as in `usual`. nullopt: not such a thing.
    static std::optional<TextRange> parse(
        const std::map<std::string, std::string>& pairs, const TextRange& usual
    );
    [[nodiscard]] std::string_view of(std::string_view text) const;
};

/// The decoded subject of a message; empty where there is none.
std::string decoded_subject(queue::MessageFile& file);
/// Behind the last @; the whole address where there is none.
std::string_view domain_of(std::string_view address);
/// Whether the octets occur in the message's content, header included; reads it piece by piece.
bool content_contains(queue::MessageFile& file, std::string_view octets);

inline constexpr unsigned most_scan_threads = 64;
inline constexpr std::array scan_switches = {
    Switch{"database", Switch::Value::none, "ask the job controller which messages there are"},
    Switch{"directory_tree", Switch::Value::none, "read the queue directories (default)"},
    Switch{"held", Switch::Value::none, "held messages too"},
    Switch{"ignore_zz", Switch::Value::none, "leave out what was never tried"},
    Switch{"threads", Switch::Value::negatable, "files looked at side by side"},
    Switch{"verbose", Switch::Value::none, "say how many files were looked at"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace sluice::utility
