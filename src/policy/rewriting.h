#pragma once

#include <string>
#include <string_view>

#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/decision.h"
#include "policy/table_probe.h"
#include "rewrite/rewrite.h"

namespace sluice::policy {

/// Answers what rewriting asks from the configuration (mapping tables) and from the outside answers
/// of the caller (databases, routines, directory), which know the question forms of the mapping
/// room. One object serves one address.
class RewritingAnswers final : public rewrite::Answers {
public:
    /// `notes` get what mapping tables did that rules asked.
    RewritingAnswers(
        const config::Configuration& configuration,
        mapping::Answers& outside,
        const TableNotes& notes = {}
    )
        : configuration_(configuration), outside_(outside), notes_(notes) {}

    rewrite::Answer general_database(std::string_view key) override;
    rewrite::Answer domain_database(std::string_view pattern) override;
    rewrite::Answer mapping(std::string_view table, std::string_view text) override;
    rewrite::Locality locality(std::string_view domain) override;
    rewrite::Answer site_routine(
        std::string_view image, std::string_view routine, std::string_view text
    ) override;
    rewrite::Answer ldap(std::string_view url) override;
    std::string unique_string() override;

private:
    rewrite::Answer ask(mapping::Question question);

    const config::Configuration& configuration_;
    mapping::Answers& outside_;
    TableNotes notes_;
    unsigned strings_made_ = 0;
};

enum class AddressKind { envelope_to, envelope_from, header_forward, header_backward };

/// Rewrites one address as the source channel sees it (spec page imta-cnf, sections 4 and 6.1).
/// `destination` is the channel that the message copy goes to, where that is known. `trace`
/// and `notes` get the steps of the rules and what mapping tables did that rules asked.
/// `reprocessing`: the message is run again in the name of its first source channel, and $1M holds.
rewrite::Outcome rewrite_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    mapping::Answers& outside,
    rewrite::Trace* trace = nullptr,
    const channel::Channel* destination = nullptr,
    const TableNotes& notes = {},
    bool reprocessing = false
);

/// Where a rewriting is told in a decision's trace; no trace: nowhere. `title` stands in front of
/// the address.
struct RewritingNote {
    TraceEntry::Stage stage = TraceEntry::Stage::rewriting;
    std::string_view title;
    Trace* trace = nullptr;
    std::set<std::string>* warnings = nullptr;  ///< of the tables that rules asked
};
/// rewrite_address() for a decision.
rewrite::Outcome rewrite_traced(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    mapping::Answers& outside,
    const RewritingNote& note,
    const channel::Channel* destination = nullptr,
    bool reprocessing = false
);

/// Splits "@a:u@h" or "u@h" at the last unquoted "@"; the domain is empty where there is none.
struct SplitAddress {
    std::string_view local_part;  ///< source route included
    std::string_view domain;
};
SplitAddress split_address(std::string_view address);

/// Who sent an address, as far as that completes it.
struct Origin {
    std::string_view client_name = {};    ///< of the remote host, for the keyword remotehost
    std::string_view authenticated = {};  ///< address of the authenticated user, for authhost
};

/// The address with a host, for addresses that came without one (spec section 6.2). `why`, where
/// given, is told in words.
std::string complete_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    const Origin& origin,
    std::string* why = nullptr
);

}  // namespace sluice::policy
