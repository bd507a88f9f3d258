#include "config/alias_address.h"

#include <algorithm>
#include <optional>

#include "alias/address_key.h"
#include "base/bytes.h"

namespace sluice::config {

namespace {

// What is left of an item without comments and, where there are angle brackets, without everything
// around them. nullopt: brackets, quotes or parentheses that do not close, or text after the ">".
std::optional<std::string> bare_address(std::string_view item) {
    std::string outside;
    std::string inside;
    std::size_t comment_depth = 0;
    bool in_quotes = false;
    bool in_angle = false;
    bool had_angle = false;
    for (std::size_t i = 0; i < item.size(); ++i) {
        const char c = item[i];
        std::string& target = in_angle ? inside : outside;
        if (c == '\\' && i + 1 < item.size() && (in_quotes || comment_depth > 0)) {
            ++i;
            if (comment_depth == 0) target.append({c, item[i]});
        } else if (comment_depth > 0) {
            comment_depth += c == '(' ? 1U : 0U;
            comment_depth -= c == ')' ? 1U : 0U;
        } else if (c == '"') {
            in_quotes = !in_quotes;
            target += c;
        } else if (in_quotes) {
            target += c;
        } else if (c == '(') {
            comment_depth = 1;
        } else if (c == '<') {
            if (in_angle || had_angle) return std::nullopt;
            in_angle = true;
        } else if (c == '>') {
            if (!in_angle) return std::nullopt;
            in_angle = false;
            had_angle = true;
            outside.clear();
        } else {
            target += c;
        }
    }
    if (in_quotes || in_angle || comment_depth > 0) return std::nullopt;
    if (had_angle && !trim(outside).empty()) return std::nullopt;
    return std::string(trim(had_angle ? inside : outside));
}

// Octets that a local part may hold only in quotes.
bool has_bare_special(std::string_view local_part) {
    constexpr std::string_view specials = "()<>[]:;,\\ \t";
    bool in_quotes = false;
    for (std::size_t i = 0; i < local_part.size(); ++i) {
        const char c = local_part[i];
        if (c == '"') {
            in_quotes = !in_quotes;
        } else if (in_quotes && c == '\\') {
            ++i;
        } else if (!in_quotes && specials.find(c) != std::string_view::npos) {
            return true;
        }
    }
    return in_quotes;
}

AliasAddress bad(std::string problem, std::string hint = {}) {
    return {{}, false, std::move(problem), std::move(hint)};
}

std::optional<AliasAddress> objection(std::string_view address) {
    if (address.empty()) return bad("empty address");
    if (std::any_of(address.begin(), address.end(), is_control)) {
        return bad("control character in an address");
    }
    const std::size_t at = alias::find_at_sign(address);
    const bool has_domain = at != std::string_view::npos;
    if (!has_domain && (address.front() == '|' || address.front() == '/')) {
        return bad(
            "aliases deliver neither to programs nor to files", "give a program its own channel"
        );
    }
    if (starts_with_ignoring_case(address, "include:")) {
        return bad(":include: is not known here", "a mailing list is written name: <file");
    }
    const std::string_view local_part = address.substr(0, std::min(at, address.size()));
    const std::string_view domain = has_domain ? address.substr(at + 1) : std::string_view("-");
    // A source route (@a,@b:user@c) has its own signs; rewriting takes it apart.
    const bool is_route = address.front() == '@' && has_domain && !local_part.empty();
    if (local_part.empty() || (!is_route && has_bare_special(local_part))) {
        return bad("not an address: " + printable(address), "put a comma between two addresses");
    }
    const bool literal = domain.starts_with('[') && domain.ends_with(']');
    if (domain.empty() || (!literal && has_bare_special(domain))) {
        return bad("bad domain in " + printable(address));
    }
    return std::nullopt;
}

}  // namespace

AliasAddress parse_alias_address(std::string_view item) {
    item = trim(item);
    AliasAddress result;
    if (item.starts_with(':')) {
        result.show_alias = true;
        item = trim(item.substr(1));
    }
    auto address = bare_address(item);
    if (!address) return bad("brackets or quotes do not match in " + printable(item));
    if (auto problem = objection(*address)) return *problem;
    result.address = std::move(*address);
    return result;
}

}  // namespace sluice::config
