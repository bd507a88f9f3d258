#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"

// Aliases: an envelope recipient on the local channel (or one with aliaslocal) is looked up here,
// and what it stands for goes through rewriting again. This room knows nothing of rewriting: it
// answers one question at a time, and the policy room asks (docs/man/aliases.5).
namespace sluice::alias {

struct MailingList;

/// How a file of members is written.
enum class MemberSyntax : std::uint8_t {
    list,      ///< one address on a line, "!" comments (`<file`)
    sendmail,  ///< also "#" comments and several addresses between commas (`:include:file`)
};

/// One address an alias stands for.
struct Member {
    std::string address;      ///< as it enters rewriting; the domain may be missing
    bool show_alias = false;  ///< notifications name the alias instead of this address

    friend bool operator==(const Member&, const Member&) = default;
};

struct Alias {
    std::string name;  ///< as written: "amy", "amy@example.com", "amy+*", "*@example.com"
    std::vector<Member> members;
    SourceLocation where;
    std::shared_ptr<const MailingList> list;  ///< parameters; null for a plain alias
    /// Files with further members, read at each use.
    struct File {
        std::string path;
        MemberSyntax syntax = MemberSyntax::list;
    };
    std::vector<File> files;

    /// "name: address, :address, <file"; the parameters of a list are not shown.
    [[nodiscard]] std::string to_debug_string() const;
    /// Expansion asks for more than the members.
    [[nodiscard]] bool is_plain() const { return !list && files.empty(); }
};

/// Channel keywords subaddressrelaxed (default), subaddresswild, subaddressexact.
enum class SubaddressMode : std::uint8_t { relaxed, wild, exact };

/// What the option file says about look-ups.
struct LookupRules {
    std::int64_t alias_domains = 6;  ///< ALIAS_DOMAINS: 1 local part, 2 address, 4 "*@domain"
    char subaddress_char = '+';      ///< SUBADDRESS_CHAR
    std::size_t max_levels = 10;     ///< MAX_ALIAS_LEVELS
};

/// The address that is looked up. Views; they need to live only during the call.
struct Query {
    std::string_view local_part;
    std::string_view domain;
    /// On the local channel itself the local part alone is always tried.
    bool is_local_channel = true;
    SubaddressMode mode = SubaddressMode::relaxed;
    bool tries_domain = false;  ///< "*@domain" whatever ALIAS_DOMAINS says (keyword aliaswild)
};

/// One form of an address under which an alias may be found.
struct LookupKey {
    std::string key;
    bool keeps_detail = false;  ///< the subaddress goes on to local results
};
/// All forms of the address that is looked up, in the order in which they are tried.
std::vector<LookupKey> lookup_keys(const Query& query, const LookupRules& rules);
/// The subaddress of the address that is looked up; empty without one.
std::string detail_of(const Query& query, const LookupRules& rules);

/// A look-up that found something. Points into the table.
struct Expansion {
    const Alias* alias = nullptr;
    std::string key;                 ///< the probe that was found
    std::string detail;              ///< subaddress to add to local results without one
    std::vector<std::string> tried;  ///< the probes before it, in order
};

/// All aliases of a configuration. Immutable once built; look-ups are safe from any thread.
class AliasTable {
public:
    /// False, and no change, when the name is taken (in any case and quoting).
    bool add(Alias alias);

    /// Exact name in any case; nullptr if there is none.
    [[nodiscard]] const Alias* find(std::string_view name) const;
    /// Tries the forms of the name in the order of the manual page.
    [[nodiscard]] std::optional<Expansion> lookup(const Query& query, const LookupRules& rules)
        const;

    [[nodiscard]] std::size_t size() const { return order_.size(); }
    /// In file order.
    [[nodiscard]] const std::vector<std::unique_ptr<const Alias>>& all() const { return order_; }

private:
    std::vector<std::unique_ptr<const Alias>> order_;  // keeps addresses stable for Expansion
    std::unordered_map<std::string, const Alias*, HashIgnoringCase, EqualIgnoringCase> by_key_;
};

}  // namespace sluice::alias
