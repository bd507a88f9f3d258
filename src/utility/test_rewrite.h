#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "access/probes.h"
#include "config/configuration.h"
#include "lookup/sources.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"
#include "utility/utility.h"

// Inside of `imsimta test -rewrite`: what is found out about an address, and the ways of showing
// it.
namespace sluice::utility {

/// The circumstances that are the same for all addresses of a command.
struct RewriteSetting {
    config::ConfigurationPtr configuration;
    std::unique_ptr<lookup::Sources> sources;
    const channel::Channel* source = nullptr;
    const channel::Channel* destination = nullptr;  ///< for whose copy header addresses are
    access::Session session;
    std::string client_name;
    std::string authenticated_from;
    std::string orcpt;
    std::string sender;                   ///< as given
    std::optional<access::Verdict> port;  ///< PORT_ACCESS, where there is a connection
    policy::SenderDecision sender_decision;
    policy::Trace trace;  ///< of all this
    bool notify_success = false;
    bool wants_trace = false;
    bool shows_channel = true;
    bool checks_expansions = false;  ///< every member of an alias must be good
    bool defers_expansion = true;    ///< the keyword expandlimit is obeyed
    std::string local_alias;         ///< what the local host is called; empty: as configured
    std::set<mapping::Question::Kind> closed_databases;

    [[nodiscard]] policy::Origin origin() const { return {client_name, authenticated_from}; }
    [[nodiscard]] bool refuses_connection() const { return port && port->refused(); }
    /// What MAIL FROM is answered, or the connection where it is refused before that.
    [[nodiscard]] std::string reply() const;
};

/// What the instance answers, but for the databases that the command closed.
class TrialAnswers final : public mapping::Answers {
public:
    explicit TrialAnswers(const RewriteSetting& setting) : setting_(setting) {}
    mapping::Answer ask(const mapping::Question& question) override;

private:
    const RewriteSetting& setting_;
};

/// Reads the circumstances from the command line. Says what is wrong and gives the exit code for
/// it, or nullopt.
std::optional<ExitCode> read_circumstances(Invocation& invocation, RewriteSetting& setting);
/// The same for a client that will say itself who sends: -smtp.
std::optional<ExitCode> read_client(Invocation& invocation, RewriteSetting& setting);

/// Everything found out about one address.
struct RewriteFindings {
    std::string given;
    std::string name;     ///< phrase in front of "<address>"
    std::string address;  ///< without it
    std::string completed;
    rewrite::Outcome header_to;  ///< these two and envelope_from: as the destination has them
    rewrite::Outcome header_from;
    rewrite::Outcome envelope_to;
    rewrite::Outcome envelope_from;
    policy::RecipientDecision decision;
    policy::Trace trace;
    policy::Trace header_to_trace;
    policy::Trace header_from_trace;
    policy::Trace envelope_from_trace;

    [[nodiscard]] bool accepted(const RewriteSetting& setting) const;
    /// The refusal of the sender, or else of this recipient; null where neither was refused.
    [[nodiscard]] const policy::Refusal* refusal(const RewriteSetting& setting) const;
    /// What RCPT TO is answered; empty where the client does not get so far.
    [[nodiscard]] std::string reply(const RewriteSetting& setting) const;
};

/// The labelled lines that the family prints.
void print_rewrite_report(
    Console& console, const RewriteSetting& setting, const RewriteFindings& findings
);
/// One JSON object.
void print_rewrite_json(
    Console& console, const RewriteSetting& setting, const RewriteFindings& findings
);
/// How the sender, and then the address, came to what became of them, and what the client is told.
void print_setting_explanation(Console& console, const RewriteSetting& setting);
void print_rewrite_explanation(
    Console& console, const RewriteSetting& setting, const RewriteFindings& findings
);

}  // namespace sluice::utility
