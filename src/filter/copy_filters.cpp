#include "filter/copy_filters.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "base/system_log.h"
#include "base/version.h"
#include "filter/blocking_link.h"
#include "filter/content_run.h"

namespace sluice::filter {

namespace {

using config::OptionId;

std::string domain_of(const std::string& address) {
    const std::size_t at = address.rfind('@');
    return at == std::string::npos ? std::string() : address.substr(at + 1);
}

/// A mailbox name alone means nothing to a filter.
std::string in_brackets(const std::string& address, std::string_view local_host) {
    const bool bare = !address.empty() && address.find('@') == std::string::npos;
    return '<' + address + (bare ? '@' + std::string(local_host) : std::string()) + '>';
}

}  // namespace

/// One copy and its filters.
struct CopyFilters::Run {
    Run(CopyFilters& its_owner, const Plan& plan, const CopyFacts& its_facts, Content& its_content)
        : owner(its_owner),
          facts(its_facts),
          content(its_content),
          local_host(owner.configuration_->local_host()),
          filters(plan, client()) {
        for (std::size_t i = 0; i < plan.size(); ++i)
            links.push_back(std::make_unique<BlockingLink>(owner.slots_));
    }
    ~Run() {
        for (std::size_t i = 0; i < links.size(); ++i) links[i]->close(filters.lines()[i]);
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    [[nodiscard]] ClientFacts client() const {
        ClientFacts client = facts.client;
        const auto& configuration = *owner.configuration_;
        const std::string& received_by = configuration.options.text(OptionId::received_domain);
        client.host = received_by.empty() ? std::string(local_host) : received_by;
        client.version = product_version;
        client.daemon = facts.destination_channel;
        client.source_channel = facts.source_channel;
        return client;
    }

    /// Asks all filters the command that was begun; false: the message is refused.
    bool settle() {
        while (FilterLine* line = filters.advance()) {
            const auto index = static_cast<std::size_t>(line - filters.lines().data());
            links[index]->settle(*line);
            report(*line);
        }
        if (filters.refusal()) outcome.judgement.refusal = filters.refusal();
        return !filters.refusal();
    }

    static void report(const FilterLine& line) {
        const milter::Verdict& verdict = line.session->verdict();
        if (verdict.kind != milter::Verdict::Kind::failure) return;
        const std::string text =
            "filter " + std::to_string(line.planned.number()) + ": " + verdict.reason;
        diag::warning(text);
        if (line.planned.settings->tells_syslog) system_log().notice(text);
    }

    bool envelope() {
        filters.ask_connect();
        if (!settle()) return false;
        filters.ask_hello(facts.helo.empty() ? std::string(local_host) : facts.helo);
        if (!settle()) return false;
        milter::Macros macros;
        macros.set("i", facts.envelope_id);
        macros.set("{mail_addr}", facts.sender);
        macros.set("{mail_host}", domain_of(facts.sender));
        macros.set("{mail_mailer}", facts.source_channel);
        macros.set("{destination_channel}", facts.destination_channel);
        filters.ask_sender(in_brackets(facts.sender, local_host), {}, macros);
        if (!settle()) return false;
        if (!recipients()) return false;
        filters.ask_data();
        return settle();
    }

    bool recipients() {
        for (std::size_t i = 0; i < facts.recipients.size(); ++i) {
            milter::Macros macros;
            macros.set("{rcpt_addr}", facts.recipients[i]);
            macros.set("{rcpt_host}", domain_of(facts.recipients[i]));
            macros.set("{rcpt_mailer}", facts.destination_channel);
            filters.ask_recipient(in_brackets(facts.recipients[i], local_host), {}, macros);
            if (settle()) continue;
            const milter::ReplyText reply = *outcome.judgement.refusal;
            if (reply.code < 500) return false;
            outcome.judgement.refusal.reset();
            outcome.refused.emplace_back(i, reply);
        }
        if (outcome.refused.size() < facts.recipients.size()) return true;
        outcome.judgement.refusal = outcome.refused.front().second;
        return false;
    }

    Result<void> show(std::size_t index) {
        FilterLine& line = filters.lines()[index];
        ContentRun run(*line.session, content, filters.macros());
        while (run.advance()) links[index]->settle(line);
        if (line.session->is_failed()) report(line);
        const auto changed = run.finish();
        if (!changed) return changed.error();
        outcome.changed = outcome.changed || *changed;
        lookup::BlockingAnswers answers(owner.outside_);
        Judgement judgement = judge(
            *owner.configuration_, line.planned,
            {facts.source_channel, facts.destination_channel, facts.sender},
            line.session->verdict(), line.session->changes(), answers
        );
        for (const std::string& text : judgement.syslog) system_log().notice(text);
        for (const std::string& warning : judgement.warnings) diag::warning(warning);
        outcome.judgement.add(std::move(judgement));
        if (!outcome.judgement.is_final()) envelope_changes(line.session->changes());
        return {};
    }

    void envelope_changes(const milter::Changes& changes) {
        for (const milter::Change& change : changes) {
            if (const auto* sender = std::get_if<milter::ChangeSender>(&change))
                outcome.new_sender = sender->address;
            if (const auto* removed = std::get_if<milter::DeleteRecipient>(&change))
                remove(removed->address);
            if (const auto* added = std::get_if<milter::AddRecipient>(&change)) {
                diag::warning(
                    "a filter of channel " + facts.destination_channel + " wants recipient " +
                    printable(added->address) + ": only filters of a source channel can add some"
                );
            }
        }
    }

    void remove(const std::string& address) {
        const std::string wanted = in_brackets(address, local_host);
        for (std::size_t i = 0; i < facts.recipients.size(); ++i) {
            if (milter::is_same_mailbox(wanted, in_brackets(facts.recipients[i], local_host)))
                outcome.removed.push_back(i);
        }
    }

    CopyFilters& owner;
    const CopyFacts& facts;
    Content& content;
    std::string_view local_host;
    SessionFilters filters;
    std::vector<std::unique_ptr<BlockingLink>> links;
    CopyOutcome outcome;
};

CopyFilters::CopyFilters(config::ConfigurationPtr configuration)
    : configuration_(std::move(configuration)), outside_(configuration_) {
    const config::SpamFilters& filters = configuration_->spam_filters;
    any_ = std::any_of(filters.begin(), filters.end(), [](const auto& f) { return f.has_value(); });
}

Plan CopyFilters::plan(
    std::string_view source_channel, const channel::Channel& destination, bool source_done
) const {
    if (!any_) return {};
    const channel::Channel* source = configuration_->imta.channels.find(source_channel);
    return copy_plan(*configuration_, source, destination, source_done);
}

const std::string& CopyFilters::spool_directory() const {
    return configuration_->tailor.path(config::TailorEntry::tmp);
}

Result<CopyOutcome> CopyFilters::run(const Plan& plan, const CopyFacts& facts, Content& content) {
    Run run(*this, plan, facts, content);
    if (!run.envelope()) return std::move(run.outcome);
    for (std::size_t i = 0; i < plan.size() && !run.outcome.judgement.is_final(); ++i) {
        if (auto shown = run.show(i); !shown) return std::move(shown).error();
    }
    return std::move(run.outcome);
}

}  // namespace sluice::filter
