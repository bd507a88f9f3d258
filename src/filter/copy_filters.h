#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "filter/content.h"
#include "filter/judgement.h"
#include "filter/session_filters.h"
#include "lookup/sources.h"

namespace sluice::filter {

/// A copy of a message on its way to one channel, as its filters are told of it.
struct CopyFacts {
    std::string source_channel;
    std::string destination_channel;
    ClientFacts client;  ///< who sent the message, as far as it is known
    std::string helo;
    std::string sender;
    std::vector<std::string> recipients;
    std::string envelope_id;
};

/// What the filters of a copy have decided. A plain value.
struct CopyOutcome {
    Judgement judgement;
    bool changed = false;                   ///< the content is another one
    std::optional<std::string> new_sender;  ///< envelope From
    std::vector<std::size_t> removed;       ///< indexes of recipients that a filter removed
    /// Recipients that a filter refused for good, each alone.
    std::vector<std::pair<std::size_t, milter::ReplyText>> refused;
};

/// The filters of destination channels, and of sources whose programs have no session to show. They
/// see a copy when it is complete, as its channel will get it. Belongs to one configuration.
/// Thread-safe; run() waits for the filters.
class CopyFilters {
public:
    explicit CopyFilters(config::ConfigurationPtr configuration);

    /// What must be asked about a copy; empty in the common case.
    [[nodiscard]] Plan plan(
        std::string_view source_channel, const channel::Channel& destination, bool source_done
    ) const;
    /// Failures of the filters are in the judgement; an Error is our own: no room for the content.
    Result<CopyOutcome> run(const Plan& plan, const CopyFacts& facts, Content& content);
    /// Where content is kept meanwhile.
    [[nodiscard]] const std::string& spool_directory() const;

private:
    struct Run;
    config::ConfigurationPtr configuration_;
    bool any_ = false;  ///< some filter is configured
    ConnectionSlots slots_;
    lookup::Sources outside_;
};

}  // namespace sluice::filter
