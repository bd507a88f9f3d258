#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "channel/channel_table.h"
#include "config/file_source.h"
#include "config/filter_action.h"
#include "config/options.h"
#include "config/tailor.h"
#include "milter/endpoint.h"

// The content filters of an instance: SPAMFILTERn_* in option.dat, and the configuration file of
// each filter (docs/man/milter_option.5).
namespace sluice::config {

/// What becomes of a message when its filter gives no verdict.
enum class FilterFailure : std::uint8_t {
    tempfail,    ///< the client is told to come again
    accept,      ///< as if the filter were not there
    later,       ///< taken; the channel reprocess asks the filter again before anybody gets it
    reject,      ///< refused for good
    quarantine,  ///< taken and held
};

/// How one filter is talked to.
struct FilterSettings {
    milter::Endpoint endpoint;
    std::chrono::milliseconds connect{36'000};
    std::chrono::milliseconds send{36'000};
    std::chrono::milliseconds reply{36'000};
    std::chrono::milliseconds end_of_message{300'000};
    /// Connections with the filter at a time, in each process; 0: as many as it takes.
    std::int64_t max_connections = 0;
    FilterFailure on_failure = FilterFailure::tempfail;
    bool tells_syslog = false;  ///< of failures
    std::int64_t debug = 0;     ///< 1: verdicts to the component log, 2: changes too

    friend bool operator==(const FilterSettings&, const FilterSettings&) = default;
};

/// One of the eight.
struct SpamFilter {
    int number = 1;
    FilterSettings settings;
    std::map<std::string, FilterSettings, LessIgnoringCase> by_channel;
    FilterActions string_action;  ///< when it has something against the message; empty: obey
    FilterActions null_action;    ///< when it has not

    /// The settings for messages of, or to, that channel.
    [[nodiscard]] const FilterSettings& settings_for(std::string_view channel) const;
};

inline constexpr int most_filters = 8;
using SpamFilters = std::array<std::optional<SpamFilter>, most_filters>;

/// Reads SPAMFILTERn_* (SPAMFILTER_* and BRIGHTMAIL_* are those of number 1) and the files they
/// name. Codes: E470 library that is no milter, E471 configuration file not readable, E472 no
/// address or an unusable one, E473 action that is not understood, E474 unknown MODE or OPTIONAL,
/// W471 option without effect, and those of option_file.h and option_value.h.
SpamFilters read_spam_filters(
    const Options& options, const Tailor& tailor, FileSource& files, Diagnostics& diagnostics
);

/// One filter's file.
void parse_filter_file(
    std::string_view text, std::string_view file_name, SpamFilter& filter, Diagnostics& diagnostics
);

/// W470 for keywords that ask for a filter that is not configured.
void check_filter_keywords(
    const channel::ChannelTable& channels, const SpamFilters& filters, Diagnostics& diagnostics
);

}  // namespace sluice::config
