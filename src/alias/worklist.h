#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alias/expansion.h"
#include "alias/list_effects.h"
#include "base/result.h"

namespace sluice::alias {

/// Addresses one message copy may expand to. An alias file that reaches it has gone wrong.
inline constexpr std::size_t max_expanded_addresses = 100000;

/// Drives the expansion of the recipients of one message. The caller takes an address, rewrites
/// it, and hands it back with resolve() when it came out on an alias channel; members then wait
/// here for the same treatment. Each alias is expanded once for each subaddress, and finish() lets
/// each final address through once, so that no amount of nesting multiplies the work.
///
///     Worklist work(table, rules);
///     work.start("staff@example.com");
///     while (const auto item = work.next()) {
///         ... rewrite item->address; not an alias channel: if (work.finish(address)) deliver
///         ... else switch (work.resolve(query, *item).kind) ...
///     }
///
/// The table must outlive it. One message, one thread.
class Worklist {
public:
    struct Item {
        std::string address;
        Chain chain;                ///< empty for an address somebody sent to
        std::string detail;         ///< to be added by with_detail() if the result is local
        std::string shown_as = {};  ///< the alias that notifications show; empty: none
        std::shared_ptr<const ListEffects> effects = {};  ///< of lists on its way; null: none
        unsigned forwards = 0;         ///< times it was forwarded on its way from the alias
        bool forwarding_ends = false;  ///< it is not to be forwarded again
        bool is_held = false;          ///< forwarding asks for its message to be held
    };
    struct Outcome {
        enum class Kind : std::uint8_t {
            final,     ///< not an alias, or an alias naming itself: deliver if finish() agrees
            expanded,  ///< its members are waiting
            list,      ///< a list: find out its members, then call add()
            repeated,  ///< expanded before: nothing to do
            failed     ///< see `error`
        };
        Kind kind = Kind::final;
        std::optional<Error> error;
        std::optional<Expansion> expansion;  ///< what was found
        Chain chain;                         ///< of the members
        std::string detail;                  ///< of the members
    };

    Worklist(const AliasTable& table, const LookupRules& rules) : table_(table), rules_(rules) {}

    void start(std::string address) { waiting_.push_back({std::move(address), {}, {}}); }
    /// The next address to rewrite.
    std::optional<Item> next();
    /// `query` is the rewritten form of `item`'s address.
    Outcome resolve(const Query& query, const Item& item) {
        return resolve(table_.lookup(query, rules_), item);
    }
    /// The same for what was found elsewhere; its alias outlives this object.
    Outcome resolve(std::optional<Expansion> found, const Item& item);
    /// Lets the members of a list wait. An Error when there are too many.
    Result<void> add(
        const Outcome& list,
        const Item& item,
        const std::vector<Member>& members,
        const std::shared_ptr<const ListEffects>& effects
    );
    [[nodiscard]] const LookupRules& rules() const { return rules_; }
    /// Whether this final address is seen for the first time. Local parts count as they are
    /// written, domains in any case.
    bool finish(std::string_view address);

private:
    const AliasTable& table_;
    LookupRules rules_;
    std::deque<Item> waiting_;
    std::set<std::pair<const Alias*, std::string>> expanded_;
    std::set<std::string, std::less<>> finished_;
    std::size_t added_ = 0;
};

}  // namespace sluice::alias
