#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "alias/alias_table.h"
#include "base/error.h"

// One step of expansion: what becomes of an address that rewriting put on an alias channel.
namespace sluice::alias {

/// The aliases that led to an address. Copies share their links, so that an alias with a thousand
/// members costs one link. Points into the table.
class Chain {
public:
    Chain() = default;

    [[nodiscard]] Chain extended(const Alias& alias) const;
    [[nodiscard]] std::size_t depth() const { return link_ ? link_->depth : 0; }
    /// The alias whose member the address is; nullptr for an address somebody sent to.
    [[nodiscard]] const Alias* last() const { return link_ ? link_->alias : nullptr; }
    [[nodiscard]] bool contains(const Alias& alias) const;
    /// "all -> staff -> amy", oldest first.
    [[nodiscard]] std::string to_string() const;

private:
    struct Link {
        const Alias* alias;
        std::shared_ptr<const Link> before;
        std::size_t depth;
    };
    std::shared_ptr<const Link> link_;
};

struct Step {
    enum class Kind : std::uint8_t {
        not_an_alias,  ///< deliver, or say that there is no such user
        itself,        ///< member of the alias of its own name: final, deliver locally
        expanded,      ///< rewrite the members, with `chain`
        loop,          ///< comes back to an alias on its way, or nested too deep: loop_error()
        list           ///< a mailing list or member files: the caller finds the members
    };
    Kind kind = Kind::not_an_alias;
    std::optional<Expansion> expansion;  ///< what was found; unset only for not_an_alias
    Chain chain;                         ///< of the members when expanded, else as given
};

/// Decides what becomes of an address for which `found` was found. Pure.
Step expand_step(std::optional<Expansion> found, const LookupRules& rules, const Chain& chain);

/// "550 5.4.6 alias expansion loop detected"; the chain goes to the log.
Error loop_error(const Chain& chain);
/// Temporary: the mail waits until the list is mended. `detail` goes to the log.
Error list_error(const Alias& alias, const std::string& detail);

}  // namespace sluice::alias
