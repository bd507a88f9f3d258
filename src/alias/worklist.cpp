#include "alias/worklist.h"

#include <algorithm>

#include "alias/address_key.h"

namespace sluice::alias {

std::optional<Worklist::Item> Worklist::next() {
    if (waiting_.empty()) return std::nullopt;
    Item item = std::move(waiting_.front());
    waiting_.pop_front();
    return item;
}

Worklist::Outcome Worklist::resolve(const Query& query, const Item& item) {
    Step step = expand_step(table_, rules_, query, item.chain);
    Outcome outcome;
    switch (step.kind) {
        case Step::Kind::not_an_alias:
        case Step::Kind::itself:
            break;
        case Step::Kind::expanded:
            outcome = add_members(step, item);
            break;
        case Step::Kind::loop:
            outcome.kind = Outcome::Kind::failed;
            outcome.error = loop_error(item.chain.extended(*step.expansion->alias));
            break;
        case Step::Kind::list:
            outcome.kind = Outcome::Kind::failed;
            outcome.error = list_error(*step.expansion->alias);
            break;
    }
    outcome.expansion = std::move(step.expansion);
    return outcome;
}

Worklist::Outcome Worklist::add_members(const Step& step, const Item& item) {
    const Alias& alias = *step.expansion->alias;
    // A detail found on the way is kept until the end unless a nearer one replaces it.
    const std::string& own = step.expansion->detail;
    const std::string& detail = own.empty() ? item.detail : own;
    Outcome outcome;
    if (!expanded_.emplace(&alias, detail).second) {
        outcome.kind = Outcome::Kind::repeated;
        return outcome;
    }
    if (added_ + alias.members.size() > max_expanded_addresses) {
        outcome.kind = Outcome::Kind::failed;
        outcome.error = Error::permanent(
            {5, 4, 6}, "too many addresses in an alias", "aliases " + step.chain.to_string()
        );
        return outcome;
    }
    added_ += alias.members.size();
    for (const Member& member : alias.members) {
        const Alias* report = item.report != nullptr ? item.report
                              : member.show_alias    ? &alias
                                                     : nullptr;
        waiting_.push_back({member.address, step.chain, detail, report});
    }
    outcome.kind = Outcome::Kind::expanded;
    return outcome;
}

bool Worklist::finish(std::string_view address) {
    const std::size_t at = std::min(find_at_sign(address), address.size());
    return finished_.insert(std::string(address.substr(0, at)) + to_lower(address.substr(at)))
        .second;
}

}  // namespace sluice::alias
