#include "alias/expansion.h"

#include <utility>
#include <vector>

namespace sluice::alias {

Chain Chain::extended(const Alias& alias) const {
    Chain longer;
    longer.link_ = std::make_shared<const Link>(Link{&alias, link_, depth() + 1});
    return longer;
}

bool Chain::contains(const Alias& alias) const {
    for (const Link* link = link_.get(); link != nullptr; link = link->before.get()) {
        if (link->alias == &alias) return true;
    }
    return false;
}

std::string Chain::to_string() const {
    std::vector<const Alias*> aliases;
    for (const Link* link = link_.get(); link != nullptr; link = link->before.get()) {
        aliases.push_back(link->alias);
    }
    std::string out;
    for (auto alias = aliases.rbegin(); alias != aliases.rend(); ++alias) {
        if (!out.empty()) out += " -> ";
        out += (*alias)->name;
    }
    return out;
}

Step expand_step(std::optional<Expansion> found, const LookupRules& rules, const Chain& chain) {
    Step step;
    step.chain = chain;
    step.expansion = std::move(found);
    if (!step.expansion) return step;
    const Alias& alias = *step.expansion->alias;
    if (chain.last() == &alias) {
        step.kind = Step::Kind::itself;
    } else if (chain.contains(alias) || chain.depth() >= rules.max_levels) {
        // Look-ups are deterministic: a second visit would go round until the levels run out.
        step.kind = Step::Kind::loop;
    } else {
        step.kind = alias.is_plain() ? Step::Kind::expanded : Step::Kind::list;
        step.chain = chain.extended(alias);
    }
    return step;
}

Error loop_error(const Chain& chain) {
    return Error::permanent(
        {5, 4, 6}, "alias expansion loop detected", "aliases " + chain.to_string()
    );
}

Error list_error(const Alias& alias, const std::string& detail) {
    return Error::temporary(
        {4, 3, 5}, "mailing list cannot be expanded now",
        "alias " + alias.name + " (" + alias.where.to_string() + "): " + detail
    );
}

}  // namespace sluice::alias
