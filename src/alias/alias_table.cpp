#include "alias/alias_table.h"

#include "alias/address_key.h"

namespace sluice::alias {

namespace {

constexpr std::int64_t try_local_part = 1;
constexpr std::int64_t try_address = 2;
constexpr std::int64_t try_domain = 4;

struct Probe {
    std::string key;
    bool keeps_detail = false;
};

// The forms of a local part, most exact first.
std::vector<Probe> forms_of(const Query& query, const SplitLocalPart& split, char separator) {
    std::vector<Probe> forms{{normal_local_part(query.local_part), false}};
    if (!split.detail || query.mode == SubaddressMode::exact) return forms;
    const bool relaxed = query.mode == SubaddressMode::relaxed;
    forms.push_back({split.user + separator + '*', relaxed});
    if (relaxed) forms.push_back({split.user, true});
    return forms;
}

std::vector<Probe> probes_of(
    const Query& query, const SplitLocalPart& split, const LookupRules& rules
) {
    const auto forms = forms_of(query, split, rules.subaddress_char);
    const std::string at_domain = '@' + std::string(query.domain);
    std::vector<Probe> probes;
    if ((rules.alias_domains & try_address) != 0 && !query.domain.empty()) {
        for (const auto& form : forms) probes.push_back({form.key + at_domain, form.keeps_detail});
    }
    if ((rules.alias_domains & try_domain) != 0 && !query.domain.empty()) {
        if (split.detail) {
            probes.push_back({std::string("*") + rules.subaddress_char + '*' + at_domain, false});
        }
        probes.push_back({'*' + at_domain, false});
    }
    if ((rules.alias_domains & try_local_part) != 0 || query.is_local_channel) {
        probes.insert(probes.end(), forms.begin(), forms.end());
    }
    return probes;
}

}  // namespace

std::string Alias::to_debug_string() const {
    std::string out = name + ':';
    if (is_list) return out + " <list>";
    for (std::size_t i = 0; i < members.size(); ++i) {
        out += i == 0 ? " " : ", ";
        if (members[i].show_alias) out += ':';
        out += members[i].address;
    }
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
    const auto split = split_local_part(query.local_part, rules.subaddress_char);
    Expansion expansion;
    for (auto& probe : probes_of(query, split, rules)) {
        const auto found = by_key_.find(probe.key);
        if (found == by_key_.end()) {
            expansion.tried.push_back(std::move(probe.key));
            continue;
        }
        expansion.alias = found->second;
        expansion.key = std::move(probe.key);
        if (probe.keeps_detail) expansion.detail = *split.detail;
        return expansion;
    }
    return std::nullopt;
}

}  // namespace sluice::alias
