#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/reply.h"
#include "base/diagnostic.h"

namespace sluice::access {

/// A pause before replies, against those who knock too often.
struct Delay {
    std::chrono::milliseconds pause{0};
    bool whole_transaction = false;  ///< every further command, else only the command refused

    friend bool operator==(const Delay&, const Delay&) = default;
};

/// Ceilings for one transaction; they only ever lower those of the channel.
struct TransactionLimits {
    std::optional<std::uint64_t> blocks;
    std::optional<std::uint64_t> recipients;
    std::optional<std::uint64_t> recipient_cutoff;
};

/// What one phase of access control decided, with all its side effects. The caller carries them
/// out; nothing here has happened yet.
struct Verdict {
    enum class Decision : std::uint8_t { permit, refuse };
    Decision decision = Decision::permit;
    /// An answer from outside is not there yet: nothing else counts, make the same check again.
    bool pending = false;
    /// Some entry matched. A match that does not refuse exempts a connection from DNS lists.
    bool matched = false;
    /// Some database or call-out failed temporarily, whatever came of it.
    bool temporary_failure = false;

    Reply reply;                    ///< refusal only
    bool close = false;             ///< close the connection after the reply
    bool transport_record = false;  ///< write a `T` record beside the `X` record of the refusal
    std::string log_text;           ///< for the connection log only
    std::string rule_set;  ///< authentication rule set the session starts with; may be empty

    bool bitbucket = false;    ///< accept, then throw away for this recipient
    bool hold = false;         ///< accept and queue as held message
    bool discard = false;      ///< discard for all recipients
    bool jettison = false;     ///< discard for all recipients, whatever filters say
    bool no_vacation = false;  ///< nobody answers this message automatically

    std::optional<Delay> delay;
    std::optional<int> debug_level;
    std::vector<std::string> syslog;  ///< facility user, level notice
    std::optional<std::string> new_from;
    std::optional<std::string> new_sender;
    std::vector<std::string> subject_tags;
    std::vector<std::string> headers;  ///< "Name: value"
    std::vector<std::string> conversion_tags;
    std::vector<std::string> spam_adjustments;
    TransactionLimits limits;

    std::vector<std::string> warnings;  ///< for the component log
    std::string table;                  ///< the table that decided, or was asked last
    SourceLocation decided_by;          ///< its entry; no file if none matched

    [[nodiscard]] bool refused() const { return decision == Decision::refuse; }
    /// Adds what a later table of the same phase decided. Side effects gather; the later delay,
    /// debug level and addresses replace the earlier.
    void merge(Verdict later);
    /// "refuse 550 5.7.1 text: address [delay=30,all ...]".
    [[nodiscard]] std::string to_debug_string() const;
    /// The effects alone, separated by blanks; "-" if there are none.
    [[nodiscard]] std::string effects() const;
};

/// Name of the authentication rule set of a session for which PORT_ACCESS names none.
constexpr std::string_view default_rule_set = "DEFAULT";

}  // namespace sluice::access
