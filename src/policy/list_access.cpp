#include "policy/list_access.h"

#include "base/bytes.h"

namespace sluice::policy {

using alias::ListClause;
using config::OptionId;

namespace {

// Bits of INCLUDE_CONNECTIONINFO.
constexpr unsigned bit_auth = 1;
constexpr unsigned bit_moderator = 2;
constexpr unsigned bit_cant = 4;
constexpr unsigned bit_hold = 32;
constexpr unsigned bit_nohold = 64;

const std::string& subject_of(const ListClause& clause, const Posting& posting) {
    switch (clause.who) {
        case ListClause::Who::user:
            return posting.user;
        case ListClause::Who::channel:
            return posting.source_channel;
        case ListClause::Who::sender:
            break;
    }
    return posting.sender;
}

std::string_view subject_word(const ListClause& clause) {
    switch (clause.who) {
        case ListClause::Who::user:
            return "user";
        case ListClause::Who::channel:
            return "source channel";
        case ListClause::Who::sender:
            break;
    }
    return "sender";
}

/// "clause against file /lists/enemies".
std::string words_for(const ListClause& clause) {
    std::string out = clause.negated ? "clause against " : "clause for ";
    switch (clause.how) {
        case ListClause::How::file:
            out += "file ";
            break;
        case ListClause::How::table:
            out += "table ";
            break;
        case ListClause::How::patterns:
            out += "patterns ";
            break;
    }
    return out + clause.value;
}

}  // namespace

void ListAccess::note(std::string text, std::vector<mapping::TraceStep> steps) {
    if (trace_ != nullptr)
        trace_->push_back({TraceEntry::Stage::list, std::move(text), {}, std::move(steps)});
}

Result<bool> ListAccess::names_poster(
    const ListClause& clause, const Posting& posting, unsigned connection_bit
) {
    const std::string& subject = subject_of(clause, posting);
    const std::string about =
        trace_ != nullptr
            ? words_for(clause) + ": " + std::string(subject_word(clause)) + " <" + subject + '>'
            : std::string();
    if (clause.only_authenticated && !posting.session.authenticated) {
        note(about + " does not count without authentication");
        return false;
    }
    switch (clause.how) {
        case ListClause::How::patterns: {
            const bool fits = !subject.empty() && fits_patterns(clause.value, subject);
            note(about + (fits ? " fits" : " does not fit"));
            return fits;
        }
        case ListClause::How::file:
            return asks_file(clause, subject, about);
        case ListClause::How::table:
            break;
    }
    return asks_table(clause, posting, subject, about, connection_bit);
}

Result<bool> ListAccess::asks_file(
    const ListClause& clause, const std::string& subject, const std::string& about
) {
    Result<bool> listed = false;
    if (!subject.empty()) {
        listed = clause.who == ListClause::Who::user ? files_.lists_name(clause.value, subject)
                                                     : files_.lists_address(clause.value, subject);
    }
    note(about + (!listed ? ": " + listed.error().detail() : *listed ? " is in it" : " is not"));
    return listed;
}

Result<bool> ListAccess::asks_table(
    const ListClause& clause,
    const Posting& posting,
    const std::string& subject,
    const std::string& about,
    unsigned connection_bit
) {
    const auto bits =
        static_cast<unsigned>(configuration_.options.integer(OptionId::include_connectioninfo));
    std::string probe;
    if ((bits & connection_bit) != 0) probe = access::connection_prefix(posting.session, options_);
    probe +=
        access::guarded(subject, options_) + '|' + access::guarded(posting.list_address, options_);
    mapping::Trace steps;
    const auto outcome = probe_table(
        configuration_, clause.value, probe, access::from_flags(posting.session), outside_,
        {trace_ != nullptr ? &steps : nullptr, warnings_}
    );
    if (!outcome.table_exists || has_no_answer(outcome)) {
        const std::string detail = outcome.table_exists
                                       ? "mapping table " + clause.value + " has no answer now"
                                       : "there is no mapping table " + clause.value;
        note(about + ": " + detail, steps.steps());
        return Error::temporary({4, 3, 5}, "mailing list cannot be expanded now", detail);
    }
    const bool named = outcome.matched && outcome.flags.has('Y');
    note(about + (named ? " is named by it" : " is not"), steps.steps());
    return named;
}

// The clauses are joined from left to right, without precedence.
Result<bool> ListAccess::access_permits(
    const alias::MailingList& list, const Posting& posting, bool ignoring_auth
) {
    bool permits = true;
    bool is_first = true;
    for (const ListClause& clause : list.access) {
        bool fits = true;
        if (clause.negated || !ignoring_auth) {
            const auto named = names_poster(clause, posting, clause.negated ? bit_cant : bit_auth);
            if (!named) return named.error();
            fits = *named != clause.negated;
        }
        permits = is_first ? fits : clause.alternative ? permits || fits : permits && fits;
        is_first = false;
    }
    return permits;
}

Result<bool> ListAccess::any_fits(
    const alias::ListClauses& clauses, const Posting& posting, bool of_moderators
) {
    for (const ListClause& clause : clauses) {
        const unsigned bit = of_moderators ? bit_moderator : clause.negated ? bit_nohold : bit_hold;
        const auto named = names_poster(clause, posting, bit);
        if (!named) return named.error();
        if (*named != clause.negated) return true;
    }
    return false;
}

// The moderator's own address is one of those that post directly: approving is sending again.
Result<bool> ListAccess::posts_directly(const alias::MailingList& list, const Posting& posting) {
    if (equals_ignoring_case(*list.moderator_address, posting.sender)) return true;
    if (!list.moderators.empty()) return any_fits(list.moderators, posting, true);
    // With AUTH clauses and no list of moderators, who passes them posts directly.
    return !list.access.empty();
}

ListRuling ListAccess::unknown(const Error& error) const {
    return {ListRuling::Kind::not_now, false, error.detail()};
}

ListRuling ListAccess::judge(const alias::MailingList& list, const Posting& posting) {
    using Kind = ListRuling::Kind;
    const auto permitted = access_permits(list, posting, false);
    if (!permitted) return unknown(permitted.error());
    if (!*permitted) {
        if (!list.is_moderated())
            return {Kind::refused, false, "the access clauses do not permit the posting"};
        // Not being among those who may post leads to the moderator; being shut out does not.
        const auto without_auth = access_permits(list, posting, true);
        if (!without_auth) return unknown(without_auth.error());
        return *without_auth
                   ? ListRuling{Kind::moderated, false, "the access clauses ask for the moderator"}
                   : ListRuling{Kind::refused, false, "the posting is shut out"};
    }
    const auto held = any_fits(list.holds, posting, false);
    if (!held) return unknown(held.error());
    if (list.is_moderated()) {
        const auto direct = posts_directly(list, posting);
        if (!direct) return unknown(direct.error());
        if (!*direct) return {Kind::moderated, *held, "the poster is no moderator"};
    }
    return {Kind::permitted, *held, *held ? "the posting is held" : "the posting is permitted"};
}

}  // namespace sluice::policy
