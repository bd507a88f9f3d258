#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tracking/completion.h"
#include "tracking/grouper.h"
#include "tracking/line_reader.h"

// What became of a message, in the order it happened. Pure.
namespace sluice::tracking {

/// One thing that happened.
struct Step {
    std::string stamp;  ///< as the line has it
    std::optional<WallTime> time;
    std::string what;  ///< "accepted", "deferred" ...: one of a fixed set, docs/man/imsimta-track.8
    std::string text;  ///< the rest of the sentence, raw foreign text
    std::string line;  ///< the line it was read from
    Dialect dialect = Dialect::unknown;
};

/// One recipient's part in it.
struct Fate {
    std::string recipient;  ///< as it was addressed
    std::string state;   ///< "delivered", "deferred", "bounced", "discarded", "refused", "queued"
    std::string reason;  ///< the last diagnostic
    unsigned attempts = 0;
    std::optional<WallTime> time;
};

struct Story {
    std::vector<std::string> message_ids;
    std::string sender;
    bool has_sender = false;  ///< the null reverse path is a sender too
    std::uint64_t bytes = 0;
    std::vector<Fate> fates;
    std::vector<Step> steps;
    bool begun = false;
    bool ended = false;
    bool guessed = false;
    bool flushed = false;

    /// "delivered", "deferred" ... of all recipients: the worst that is final, else what is open.
    [[nodiscard]] std::string state() const;
};

/// Reads the group's lines again and tells what they say.
[[nodiscard]] Story tell_story(const Group& group, const LineReader& reader);
/// The same for a single line that belongs to nothing.
[[nodiscard]] Step tell_step(const Record& record);

}  // namespace sluice::tracking
