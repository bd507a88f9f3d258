#pragma once

#include <string>

#include "access/probes.h"
#include "alias/mailing_list.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "policy/decision.h"
#include "policy/list_files.h"
#include "policy/table_probe.h"

// May this posting go to that list, and to whom: the access, hold and moderator parameters of a
// mailing list (docs/man/aliases.5).
namespace sluice::policy {

/// What a posting is judged by.
struct Posting {
    std::string sender;  ///< of the poster, whatever lists are on the way
    std::string user;    ///< authenticated user; empty without authentication
    std::string source_channel;
    std::string list_address;  ///< rewritten
    access::Session session;
};

struct ListRuling {
    enum class Kind {
        permitted,
        moderated,  ///< goes to the moderator instead
        refused,
        not_now,  ///< a file or table could not be asked
    };
    Kind kind = Kind::permitted;
    bool is_held = false;
    std::string reason;  ///< for trace and log
};

class ListAccess {
public:
    /// `trace` gets what each clause says; `warnings`, what its table has to say for the log.
    ListAccess(
        const config::Configuration& configuration,
        const access::Options& options,
        ListFiles& files,
        mapping::Answers& outside,
        Trace* trace = nullptr,
        std::set<std::string>* warnings = nullptr
    )
        : configuration_(configuration),
          options_(options),
          files_(files),
          outside_(outside),
          trace_(trace),
          warnings_(warnings) {}

    ListRuling judge(const alias::MailingList& list, const Posting& posting);

private:
    /// Whether the poster is one of those that the clause names, before negation.
    Result<bool> names_poster(
        const alias::ListClause& clause, const Posting& posting, unsigned connection_bit
    );
    Result<bool> asks_file(
        const alias::ListClause& clause, const std::string& subject, const std::string& about
    );
    Result<bool> asks_table(
        const alias::ListClause& clause,
        const Posting& posting,
        const std::string& subject,
        const std::string& about,
        unsigned connection_bit
    );
    void note(std::string text, std::vector<mapping::TraceStep> steps = {});
    /// Fails where it could not be found out. `ignoring_auth`: only the CANT_ clauses count.
    Result<bool> access_permits(
        const alias::MailingList& list, const Posting& posting, bool ignoring_auth
    );
    Result<bool> any_fits(
        const alias::ListClauses& clauses, const Posting& posting, bool of_moderators
    );
    Result<bool> posts_directly(const alias::MailingList& list, const Posting& posting);
    ListRuling unknown(const Error& error) const;

    const config::Configuration& configuration_;
    const access::Options& options_;
    ListFiles& files_;
    mapping::Answers& outside_;
    Trace* trace_;
    std::set<std::string>* warnings_;
};

}  // namespace sluice::policy
