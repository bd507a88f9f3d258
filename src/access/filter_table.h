#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/access.h"

// MILTER_ACCESS: what the site makes of the verdict of a content filter (imta_access(5)). Pure, as
// access.h.
namespace sluice::access {

/// What a filter said about a message, and where that goes.
struct FilterReport {
    int filter = 1;
    std::string source_channel;
    std::string destination_channel;  ///< of a filter that a destination asked for, else empty
    std::string sender;
    std::string verdict;                    ///< accept, quarantine, reject, tempfail, ...
    std::string text;                       ///< the filter's reply or reason
    std::vector<std::string> added_fields;  ///< "Name: value", unfolded
};

struct FilterDecision {
    bool pending = false;
    bool pass = false;                         ///< `$Y`: whatever the filter has against it
    std::optional<Reply> refusal;              ///< `$N`, with `$X`
    bool hold = false;                         ///< `$H`
    bool discard = false;                      ///< `$V`
    std::optional<std::string> channel;        ///< `$D`
    std::vector<std::string> headers;          ///< `$A`
    std::vector<std::string> subject_tags;     ///< `$T`
    std::vector<std::string> conversion_tags;  ///< `$G`
    std::vector<std::string> syslog;           ///< `$<`
    std::vector<std::string> warnings;
};

/// Asks about the verdict, then about each field that the filter added; what the probes decide
/// gathers.
FilterDecision check_filter(const Context& context, const FilterReport& report);

}  // namespace sluice::access
