#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "access/access.h"
#include "alias/worklist.h"
#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/conversion_tags.h"
#include "policy/decision.h"
#include "policy/forwarding.h"
#include "policy/list_access.h"
#include "policy/list_files.h"
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
    void note(
        TraceEntry::Stage stage, std::string text, std::vector<mapping::TraceStep> steps = {}
    );
    void note_user(const std::string& user, bool known);
    void take_warnings();
    void refuse(Refusal refusal);
    /// The address that was presented is refused at once, and so is one whose member may be
    /// reached later: leaving it out would lose its mail. Any other member is reported.
    void fail(const alias::Worklist::Item& item, const std::string& address, Refusal refusal);
    void take(const alias::Worklist::Item& item);
    [[nodiscard]] std::string local_postmaster() const;
    [[nodiscard]] bool is_channel_postmaster(
        const std::string& address, const channel::Channel& channel
    ) const;
    void defer_expansion();

    // failed_members.cpp
    void report(const alias::Worklist::Item& item, const std::string& address, Refusal refusal);
    /// The settled recipient that tells of a success: the list has the message.
    void report_list(const alias::Worklist::Item& item, const std::string& address);
    /// Gives the reports to the decision, or turns all failures into a refusal.
    void settle_failures();
    /// Keyword acceptalladdresses: a refusal for good becomes a report.
    void accept_refused(const std::string& completed);

    // alias_stage.cpp
    /// What was found where, and the keys that were tried before.
    void note_alias(
        const std::string& address, std::string_view kind, const alias::Expansion* found
    );
    [[nodiscard]] std::string completed_member(const std::string& address) const;
    void expand(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel,
        bool is_local
    );
    alias::Alias database_alias(const std::string& key, const std::string& value);
    /// In the sources that the option ALIAS_MAGIC names, in its order. False: no answer now.
    bool find_alias(
        const alias::Query& query,
        const channel::Channel& channel,
        std::optional<alias::Expansion>& found
    );
    bool find_in_database(const alias::Query& query, std::optional<alias::Expansion>& found);
    void find_in_file(const alias::Query& query, std::optional<alias::Expansion>& found);
    void note_tried(std::string_view place, std::vector<std::string> keys);

    // srs.cpp: false where the address is none of that scheme
    bool decode_srs(const alias::Worklist::Item& item, const std::string& address);

    // valid_recipients.cpp: false when the address is refused; the refusal is noted then
    bool is_valid_recipient(const alias::Worklist::Item& item, const std::string& address);

    // list_stage.cpp
    void expand_list(
        const alias::Worklist::Item& item,
        const std::string& address,
        const alias::Worklist::Outcome& found
    );
    void distribute(
        const alias::Worklist::Item& item,
        const std::string& address,
        const alias::Worklist::Outcome& found,
        const alias::MailingList& list,
        bool is_held
    );
    void add_members(
        const alias::Worklist::Item& item,
        const std::string& address,
        const alias::Worklist::Outcome& found,
        const std::vector<alias::Member>& members,
        const std::shared_ptr<const alias::ListEffects>& effects
    );
    void postpone_list(
        const alias::Worklist::Item& item, const std::string& address, const Error& error
    );
    Result<message::HeaderEdits> list_edits(const alias::MailingList& list);
    Result<message::BodyText> list_text(const alias::MailingList& list);
    [[nodiscard]] Posting posting_to(const std::string& list_address) const;
    [[nodiscard]] std::uint64_t block_size() const;

    // access_stage.cpp
    /// False when an access table refused the address; the refusal is noted then.
    bool passes(
        access::RecipientPhase phase,
        const alias::Worklist::Item& item,
        const std::string& address,
        const std::string& channel
    );
    [[nodiscard]] access::Verdict ask_tables(
        access::RecipientPhase phase,
        const alias::Worklist::Item& item,
        const std::string& address,
        const std::string& channel
    );

    // forward_stage.cpp: an address that is no alias (any more)
    [[nodiscard]] ForwardProbe forward_probe(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel
    ) const;
    void note_forwarding(
        const std::string& address, const Forwarding& found, const mapping::Trace& steps
    );
    void finish(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel
    );
    void deliver(
        const alias::Worklist::Item& item,
        const rewrite::Outcome& outcome,
        const channel::Channel& channel
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
    /// Asks CONVERSIONS; false when the message cannot be taken now.
    bool divert(
        const alias::Worklist::Item& item, const std::string& identity, Destination& destination
    );
    /// The destination that the probe brings along, where its channel is still there.
    bool go_onward();

    const config::Configuration& configuration_;
    const RecipientProbe& probe_;
    mapping::Answers& answers_;
    Trace* trace_;
    access::Options access_options_;
    TagRules tag_rules_;
    alias::Worklist work_;
    ListFiles list_files_;
    std::map<std::string, std::unique_ptr<const alias::Alias>> database_aliases_;  ///< by key
    std::vector<TraceEntry::Tried> tried_;  ///< of the look-up in hand, for the trace
    std::set<std::string> table_warnings_;
    RecipientDecision decision_;
    std::vector<Destination> reports_;  ///< settled: of the failed members
    /// What access tables want for one destination.
    struct Fate {
        bool hold = false;
        bool bitbucket = false;
        std::vector<std::string> conversion_tags;
    };
    Fate presented_fate_;  ///< by the tables for the address as presented: all destinations inherit
    Fate fate_;            ///< of the destination in hand
};

}  // namespace sluice::policy
