#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "filter/plan.h"
#include "mapping/answers.h"
#include "message/header_edit.h"
#include "milter/verdict.h"

namespace sluice::filter {

/// What becomes of a message after one filter or several. A plain value.
struct Judgement {
    bool pending = false;  ///< an answer from outside is awaited: nothing else counts
    std::optional<milter::ReplyText> refusal;
    bool discard = false;
    std::string hold_reason;  ///< not empty: held
    bool later = false;       ///< the filter shall be asked again, by the channel reprocess
    std::optional<std::string> channel;  ///< takes the message instead of its destinations
    message::HeaderEdits header_edits;
    std::vector<std::string> conversion_tags;
    std::vector<std::string> syslog;
    std::vector<std::string> warnings;  ///< for the component log
    std::string log_text;  ///< "1:accept 2:quarantine": each filter and its word, for LOG_FILTER

    /// Whether another filter need not be asked.
    [[nodiscard]] bool is_final() const { return refusal.has_value() || discard; }
    /// What a later filter led to, on top.
    void add(Judgement next);
};

/// Where a filter was asked.
struct Occasion {
    std::string source_channel;
    std::string destination_channel;  ///< empty for filters of the source
    std::string sender;
};

/// What follows from the last word of a filter: its failure mode or its verdict, then
/// SPAMFILTERn_STRING_ACTION or _NULL_ACTION, then the table MILTER_ACCESS. Pure.
Judgement judge(
    const config::Configuration& configuration,
    const PlannedFilter& planned,
    const Occasion& occasion,
    const milter::Verdict& verdict,
    const milter::Changes& changes,
    mapping::Answers& answers
);

/// Refusal of a message, or of a command, that a filter's failure leads to; nullopt: it goes on.
std::optional<milter::ReplyText> refusal_after_failure(config::FilterFailure mode);

}  // namespace sluice::filter
