#pragma once

#include <optional>
#include <string>

#include "access/access.h"
#include "alias/worklist.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/decision.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"

// Inside decide_recipient(): one presented address on its way to its destinations. The stages are
// in files of their own, in the order of this header; nobody outside this room includes it.
namespace sluice::policy {

/// The option file's rules for alias look-ups.
alias::LookupRules lookup_rules(const config::Configuration& configuration);

/// Takes one presented address to its destinations. One use; all arguments must outlive it.
class Pipeline {
public:
    Pipeline(
        const config::Configuration& configuration,
        const RecipientProbe& probe,
        mapping::Answers& answers,
        Trace* trace
    );

    RecipientDecision run();

private:
    // pipeline.cpp: from address to address
    [[nodiscard]] const std::string& given() const { return probe_.address; }
    void note(TraceEntry::Stage stage, std::string text);
    void refuse(Refusal refusal);
    /// The address that was presented is refused at once; a member of an alias is only left out,
    /// unless a later attempt may reach it: leaving it out then would lose its mail.
    void fail(const alias::Worklist::Item& item, Refusal refusal);
    void take(const alias::Worklist::Item& item);

    // alias_stage.cpp
    [[nodiscard]] std::string completed_member(const std::string& address) const;
    void expand(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel,
        bool is_local
    );

    // access_stage.cpp
    /// False when an access table refused the address; the refusal is noted then.
    bool passes(
        access::RecipientPhase phase,
        const alias::Worklist::Item& item,
        const std::string& address,
        const std::string& channel
    );

    // destinations.cpp: final addresses
    void finish_local(
        const alias::Worklist::Item& item,
        const SplitAddress& parts,
        const channel::Channel& channel
    );
    void finish_remote(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel
    );
    void add(
        const alias::Worklist::Item& item,
        const channel::Channel& channel,
        std::string address,
        std::string host,
        const std::string& identity
    );

    const config::Configuration& configuration_;
    const RecipientProbe& probe_;
    mapping::Answers& answers_;
    Trace* trace_;
    access::Options access_options_;
    alias::Worklist work_;
    RecipientDecision decision_;
    std::optional<Refusal> first_failure_;
    bool hold_ = false;
    bool bitbucket_ = false;
    bool held_before_ = false;
    bool discarded_before_ = false;
};

}  // namespace sluice::policy
