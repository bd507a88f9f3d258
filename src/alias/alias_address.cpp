#include "alias/alias_address.h"

#include <algorithm>
#include <optional>

#include "alias/address_key.h"
#include "base/bytes.h"

namespace sluice::alias {

namespace {

// Strips one item of comments and, where there are angle brackets, of everything around them.
class Stripper {
public:
    /// nullopt: brackets, quotes or parentheses that do not match, or text after the ">".
    static std::optional<std::string> strip(std::string_view item) {
        Stripper stripper;
        for (std::size_t i = 0; i < item.size(); ++i) {
            if (stripper.takes_pair(item.substr(i))) {
                ++i;
            } else if (!stripper.take(item[i])) {
                return std::nullopt;
            }
        }
        return stripper.result();
    }

private:
    // A backslash and the octet after it, inside quotes or comments.
    bool takes_pair(std::string_view rest) {
        if (rest.size() < 2 || rest.front() != '\\') return false;
        if (comment_depth_ > 0) return true;
        if (!in_quotes_) return false;
        keep(rest[0]);
        keep(rest[1]);
        return true;
    }

    bool take(char c) {
        if (comment_depth_ > 0) {
            if (c == '(') ++comment_depth_;
            if (c == ')') --comment_depth_;
            return true;
        }
        if (c == '"') in_quotes_ = !in_quotes_;
        if (in_quotes_ || c == '"') return keep(c);
        if (c == '(') return ++comment_depth_ > 0;
        if (c == '<') return open();
        if (c == '>') return close();
        return keep(c);
    }

    bool keep(char c) {
        (in_angle_ ? inside_ : outside_) += c;
        return true;
    }
    bool open() {
        if (in_angle_ || had_angle_) return false;
        in_angle_ = true;
        return true;
    }
    bool close() {
        if (!in_angle_) return false;
        in_angle_ = false;
        had_angle_ = true;
        outside_.clear();  // the display name; what follows must be nothing
        return true;
    }
    [[nodiscard]] std::optional<std::string> result() const {
        if (in_quotes_ || in_angle_ || comment_depth_ > 0) return std::nullopt;
        if (had_angle_ && !trim(outside_).empty()) return std::nullopt;
        return std::string(trim(had_angle_ ? inside_ : outside_));
    }

    std::string outside_;
    std::string inside_;
    std::size_t comment_depth_ = 0;
    bool in_quotes_ = false;
    bool in_angle_ = false;
    bool had_angle_ = false;
};

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
    const std::size_t at = find_at_sign(address);
    const bool has_domain = at != std::string_view::npos;
    if (!has_domain && (address.front() == '|' || address.front() == '/')) {
        return bad(
            "aliases deliver neither to programs nor to files", "give a program its own channel"
        );
    }
    if (starts_with_ignoring_case(address, "include:"))
        return bad(":include: only stands in an alias file", "a file is included as <file");
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
    auto address = Stripper::strip(item);
    if (!address) return bad("brackets or quotes do not match in " + printable(item));
    if (auto problem = objection(*address)) return *problem;
    result.address = std::move(*address);
    return result;
}

}  // namespace sluice::alias
