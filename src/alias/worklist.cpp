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

Worklist::Outcome Worklist::resolve(std::optional<Expansion> found, const Item& item) {
    Step step = expand_step(std::move(found), rules_, item.chain);
    Outcome outcome;
    outcome.expansion = std::move(step.expansion);
    switch (step.kind) {
        case Step::Kind::not_an_alias:
        case Step::Kind::itself:
            return outcome;
        case Step::Kind::loop:
            outcome.kind = Outcome::Kind::failed;
            outcome.error = loop_error(item.chain.extended(*outcome.expansion->alias));
            return outcome;
        case Step::Kind::expanded:
        case Step::Kind::list:
            break;
    }
    const Alias& alias = *outcome.expansion->alias;
    // A detail found on the way is kept until the end unless a nearer one replaces it.
    const std::string& own = outcome.expansion->detail;
    outcome.detail = own.empty() ? item.detail : own;
    outcome.chain = std::move(step.chain);
    if (!expanded_.emplace(&alias, outcome.detail).second) {
        outcome.kind = Outcome::Kind::repeated;
    } else if (step.kind == Step::Kind::list) {
        outcome.kind = Outcome::Kind::list;
    } else if (auto added = add(outcome, item, alias.members, item.effects); added) {
        outcome.kind = Outcome::Kind::expanded;
    } else {
        outcome.kind = Outcome::Kind::failed;
        outcome.error = std::move(added).error();
    }
    return outcome;
}

Result<void> Worklist::add(
    const Outcome& list,
    const Item& item,
    const std::vector<Member>& members,
    const std::shared_ptr<const ListEffects>& effects
) {
    if (added_ + members.size() > max_expanded_addresses) {
        return Error::permanent(
            {5, 4, 6}, "too many addresses in an alias", "aliases " + list.chain.to_string()
        );
    }
    added_ += members.size();
    for (const Member& member : members) {
        // Once hidden, always hidden: what a hidden member stands for is no more to be shown.
        std::string shown_as = item.shown_as;
        if (shown_as.empty() && member.show_alias) shown_as = item.address;
        waiting_.push_back({member.address, list.chain, list.detail, std::move(shown_as), effects});
    }
    return {};
}

bool Worklist::finish(std::string_view address) {
    const std::size_t at = std::min(find_at_sign(address), address.size());
    return finished_.insert(std::string(address.substr(0, at)) + to_lower(address.substr(at)))
        .second;
}

}  // namespace sluice::alias
