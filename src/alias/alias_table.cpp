#include "alias/alias_table.h"

#include "alias/address_key.h"

namespace sluice::alias {

namespace {

constexpr std::int64_t try_local_part = 1;
constexpr std::int64_t try_address = 2;
constexpr std::int64_t try_domain = 4;

// The forms of a local part, most exact first.
std::vector<LookupKey> forms_of(const Query& query, const SplitLocalPart& split, char separator) {
    std::vector<LookupKey> forms{{normal_local_part(query.local_part), false}};
    if (!split.detail || query.mode == SubaddressMode::exact) return forms;
    const bool relaxed = query.mode == SubaddressMode::relaxed;
    forms.push_back({split.user + separator + '*', relaxed});
    if (relaxed) forms.push_back({split.user, true});
    return forms;
}

}  // namespace

std::vector<LookupKey> lookup_keys(const Query& query, const LookupRules& rules) {
    const SplitLocalPart split = split_local_part(query.local_part, rules.subaddress_char);
    const auto forms = forms_of(query, split, rules.subaddress_char);
    const std::string at_domain = '@' + std::string(query.domain);
    std::vector<LookupKey> keys;
    if ((rules.alias_domains & try_address) != 0 && !query.domain.empty()) {
        for (const auto& form : forms) keys.push_back({form.key + at_domain, form.keeps_detail});
    }
    const bool by_domain = (rules.alias_domains & try_domain) != 0 || query.tries_domain;
    if (by_domain && !query.domain.empty()) {
        if (split.detail)
            keys.push_back({std::string("*") + rules.subaddress_char + '*' + at_domain, false});
        keys.push_back({'*' + at_domain, false});
    }
    if ((rules.alias_domains & try_local_part) != 0 || query.is_local_channel)
        keys.insert(keys.end(), forms.begin(), forms.end());
    return keys;
}

std::string detail_of(const Query& query, const LookupRules& rules) {
    return split_local_part(query.local_part, rules.subaddress_char).detail.value_or("");
}

std::string Alias::to_debug_string() const {
    std::string out = name + ':';
    const char* separator = " ";
    const auto item = [&](const std::string& text) {
        out += separator + text;
        separator = ", ";
    };
    for (const File& file : files)
        item((file.syntax == MemberSyntax::list ? "<" : ":include:") + file.path);
    for (const Member& member : members) item((member.show_alias ? ":" : "") + member.address);
    return out;
}

bool AliasTable::add(Alias alias) {
    auto key = normal_key(alias.name);
    if (by_key_.contains(key)) return false;
    order_.push_back(std::make_unique<const Alias>(std::move(alias)));
    by_key_.emplace(std::move(key), order_.back().get());
    return true;
}

const Alias* AliasTable::find(std::string_view name) const {
    const auto found = by_key_.find(normal_key(name));
    return found == by_key_.end() ? nullptr : found->second;
}

std::optional<Expansion> AliasTable::lookup(const Query& query, const LookupRules& rules) const {
    Expansion expansion;
    for (LookupKey& probe : lookup_keys(query, rules)) {
        const auto found = by_key_.find(probe.key);
        if (found == by_key_.end()) {
            expansion.tried.push_back(std::move(probe.key));
            continue;
        }
        expansion.alias = found->second;
        expansion.key = std::move(probe.key);
        if (probe.keeps_detail) expansion.detail = detail_of(query, rules);
        return expansion;
    }
    return std::nullopt;
}

}  // namespace sluice::alias
