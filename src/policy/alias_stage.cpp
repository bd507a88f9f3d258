#include "channel/keyword.h"
#include "config/aliases_file.h"
#include "policy/databases.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"
#include "policy/rewriting.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

namespace {

alias::SubaddressMode subaddress_mode(const channel::Channel& channel) {
    if (channel.has(Keyword::subaddresswild)) return alias::SubaddressMode::wild;
    if (channel.has(Keyword::subaddressexact)) return alias::SubaddressMode::exact;
    return alias::SubaddressMode::relaxed;
}

enum class AliasSource { database, file };

/// Where aliases are looked for, in order, by the digits of ALIAS_MAGIC or `aliasmagic`: the ones'
/// place comes first. Digits that stand for directories or other sources that no site has here are
/// passed over.
std::vector<AliasSource> alias_sources(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    constexpr std::int64_t base = 10;
    constexpr std::int64_t database = 3;
    constexpr std::int64_t file = 4;
    const config::Options& options = configuration.options;
    std::vector<AliasSource> sources;
    std::int64_t digits =
        channel.integer(Keyword::aliasmagic, options.integer(OptionId::alias_magic));
    for (; digits > 0; digits /= base) {
        if (digits % base == database && options.integer(OptionId::use_alias_database) != 0)
            sources.push_back(AliasSource::database);
        if (digits % base == file) sources.push_back(AliasSource::file);
    }
    return sources;
}

}  // namespace

alias::LookupRules lookup_rules(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    alias::LookupRules rules;
    rules.alias_domains = options.integer(OptionId::alias_domains);
    rules.subaddress_char = options.text(OptionId::subaddress_char).front();
    rules.max_levels = static_cast<std::size_t>(options.integer(OptionId::max_alias_levels));
    return rules;
}

bool Pipeline::find_alias(
    const alias::Query& query,
    const channel::Channel& channel,
    std::optional<alias::Expansion>& found
) {
    tried_.clear();
    for (const AliasSource source : alias_sources(configuration_, channel)) {
        if (source == AliasSource::file) {
            find_in_file(query, found);
        } else if (!find_in_database(query, found)) {
            return false;
        }
        if (found) return true;
    }
    return true;
}

void Pipeline::note_tried(std::string_view place, std::vector<std::string> keys) {
    if (trace_ != nullptr && !keys.empty()) tried_.push_back({place, std::move(keys)});
}

// All forms of the name here, before any form in the next source. False when the database has no
// answer now.
bool Pipeline::find_in_database(const alias::Query& query, std::optional<alias::Expansion>& found) {
    std::vector<std::string> tried;
    for (const alias::LookupKey& key : alias::lookup_keys(query, work_.rules())) {
        const rewrite::Answer answer = find_in(Database::alias, key.key, answers_);
        if (answer.state == rewrite::Answer::State::not_now) return false;
        if (answer.state == rewrite::Answer::State::not_found) {
            tried.push_back(key.key);
            continue;
        }
        // One object for one key: circles are found by comparing aliases.
        auto& kept = database_aliases_[key.key];
        if (!kept)
            kept = std::make_unique<const alias::Alias>(database_alias(key.key, answer.text));
        found.emplace();
        found->alias = kept.get();
        found->key = key.key;
        if (key.keeps_detail) found->detail = alias::detail_of(query, work_.rules());
        break;
    }
    note_tried("alias database", std::move(tried));
    return true;
}

void Pipeline::find_in_file(const alias::Query& query, std::optional<alias::Expansion>& found) {
    found = configuration_.aliases.lookup(query, work_.rules());
    if (trace_ == nullptr) return;
    if (found) return note_tried("alias file", found->tried);
    std::vector<std::string> keys;
    for (alias::LookupKey& key : alias::lookup_keys(query, work_.rules()))
        keys.push_back(std::move(key.key));
    note_tried("alias file", std::move(keys));
}

// A value that cannot be used makes a list that waits: the entry is there, so the name is known.
alias::Alias Pipeline::database_alias(const std::string& key, const std::string& value) {
    config::AliasFileSettings settings;
    if (!configuration_.tailor.file().empty()) settings.tailor = &configuration_.tailor;
    settings.or_clauses = configuration_.options.integer(OptionId::or_clauses) != 0;
    const std::string place = configuration_.tailor.file().empty()
                                  ? "aliases"
                                  : configuration_.tailor.path(config::TailorEntry::alias_file);
    alias::Alias alias = config::parse_alias_value(value, key, place, settings, decision_.warnings);
    if (alias.members.empty() && alias.files.empty() && !alias.list) {
        alias::MailingList broken;
        broken.obstacle = "its value in the alias database cannot be used";
        alias.list = std::make_shared<const alias::MailingList>(std::move(broken));
    }
    return alias;
}

std::string Pipeline::completed_member(const std::string& address) const {
    if (!split_address(address).domain.empty()) return address;
    return address + '@' + std::string(configuration_.local_host());
}

void Pipeline::note_alias(
    const std::string& address, std::string_view kind, const alias::Expansion* found
) {
    if (trace_ == nullptr) return;
    TraceEntry entry;
    entry.stage = TraceEntry::Stage::alias;
    entry.text = address + ' ' + std::string(kind);
    if (found != nullptr) {
        entry.text += ' ' + found->alias->to_debug_string();
        entry.where = found->alias->where;
        entry.key = found->key;
        entry.found = true;
    }
    entry.tried = std::move(tried_);
    trace_->push_back(std::move(entry));
}

void Pipeline::expand(
    const alias::Worklist::Item& item,
    const rewrite::Outcome& outcome,
    const channel::Channel& channel,
    bool is_local
) {
    const SplitAddress parts = split_address(outcome.address);
    alias::Query query;
    query.local_part = parts.local_part;
    query.domain = parts.domain;
    query.is_local_channel = is_local;
    query.mode = subaddress_mode(channel);
    query.tries_domain = channel.has(Keyword::aliaswild);
    std::optional<alias::Expansion> alias;
    if (!find_alias(query, channel, alias)) {
        return fail(
            item, outcome.address, make_refusal({4, 4, 3}, "temporary look-up failure", given())
        );
    }
    const auto result = work_.resolve(std::move(alias), item);
    using Kind = alias::Worklist::Outcome::Kind;
    switch (result.kind) {
        case Kind::expanded:
            return note_alias(outcome.address, "is alias", &*result.expansion);
        case Kind::list:
            note_alias(outcome.address, "is list", &*result.expansion);
            return expand_list(item, outcome.address, result);
        case Kind::repeated:
            note(TraceEntry::Stage::alias, outcome.address + " was expanded before");
            return;
        case Kind::failed:
            fail(
                item, outcome.address,
                make_refusal(result.error->status(), result.error->text(), given())
            );
            return;
        case Kind::final:
            if (result.expansion) {
                note_alias(outcome.address, "stands for itself in alias", &*result.expansion);
            } else {
                note_alias(outcome.address, "is no alias", nullptr);
            }
            break;
    }
    finish(item, outcome, channel);
}

}  // namespace sluice::policy
