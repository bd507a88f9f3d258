#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sluice::rewrite {

/// How a pattern divided a host; what $H, $D, $L and the field substitutions read. All views point
/// into the host (or are constants), so letter case is that of the address.
struct Match {
    std::string_view unmatched;         ///< $H
    std::string_view matched;           ///< $D; with its dot in front after a generalised pattern
    std::string_view literal;           ///< $L
    std::string_view unmatched_fields;  ///< parts for $& and $!, separated by dots
    std::string_view matched_fields;    ///< parts for $* and $#
};

/// A host, taken apart the way the search for a rule generalises it.
class HostParts {
public:
    explicit HostParts(std::string_view host);

    [[nodiscard]] std::string_view host() const { return host_; }
    [[nodiscard]] bool is_literal() const { return is_literal_; }
    [[nodiscard]] bool is_ipv4_literal() const { return is_ipv4_; }
    /// What stands between the brackets of a literal.
    [[nodiscard]] std::string_view inside() const { return inside_; }

    /// `$*`, `$%` and `$!`: all of the host is $H.
    [[nodiscard]] Match whole() const;
    /// The host itself is the pattern.
    [[nodiscard]] Match exact() const;
    /// The parts before `dot`, an offset of a dot in the host, are generalised.
    [[nodiscard]] Match before(std::size_t dot) const;
    /// The match-all pattern `.`.
    [[nodiscard]] Match any() const;
    /// `[` and the first `length` characters inside: `[1.2.]`, or `[]` for 0.
    [[nodiscard]] Match literal_prefix(std::size_t length) const;

private:
    std::string_view host_;
    std::string_view inside_;
    bool is_literal_ = false;
    bool is_ipv4_ = false;
};

/// Part n, from 0 at the left or at the right, of a text with dots; nullopt where there is none.
std::optional<std::string_view> field(std::string_view text, std::size_t n, bool from_right);
/// A host text without its n leftmost parts. A dot in front stays, a literal is one part.
std::string_view drop_parts(std::string_view text, std::size_t n);

}  // namespace sluice::rewrite
