#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::rewrite {

/// The channel doing the rewriting.
struct SourceChannel {
    std::string_view name;
    bool bang_over_percent = false;  ///< keyword bangoverpercent
    bool no_rules = false;           ///< keyword norules: $M and $N hold
    bool is_reprocessing = false;    ///< one of the MTA's own channels that run mail again: $1M
};

/// The channel the message copy goes to, where that is known.
struct DestinationChannel {
    std::string_view name;
    bool no_rules = false;  ///< keyword norules: $Q and $C hold
};

/// Which address is being rewritten for whom. Views must outlive the call.
///
///                 envelope  forward
///     RCPT TO     yes       yes        To, Cc, Bcc ...         no   yes
///     MAIL FROM   yes       no         From, Reply-To ...      no   no
struct Context {
    bool envelope = true;
    bool forward = true;
    SourceChannel source;
    std::optional<DestinationChannel> destination;
};

/// Whether the name belongs to the families `reprocess*` and `process*`.
bool is_reprocessing_name(std::string_view channel);

/// Options of the option file that rewriting obeys.
struct Options {
    /// ERROR_TEXT_UNKNOWN_HOST
    std::string unknown_host_text = "unknown host or domain";
    char subaddress_char = '+';  ///< SUBADDRESS_CHAR
    /// DOMAIN_FAILURE: takes the place of the rest of a template whose $V or $Z has no answer.
    std::string domain_failure =
        "reprocess-daemon$Mtcp_local$1M$1~-error$4000000?Temporary lookup failure";
};

/// Ceilings of one rewriting. Lengths in octets.
struct Ceilings {
    static constexpr unsigned passes = 100;         ///< of 4.7; beyond: 5.4.6
    static constexpr std::size_t address = 1024;    ///< longer addresses are refused
    static constexpr std::size_t expansion = 4096;  ///< text of one template with its call-outs
    static constexpr unsigned call_outs = 32;       ///< of one template
};

}  // namespace sluice::rewrite
