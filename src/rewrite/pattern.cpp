#include "rewrite/pattern.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace sluice::rewrite {

namespace {

std::string_view without_tag(std::string_view pattern) {
    const auto bar = pattern.rfind('|');
    return bar == std::string_view::npos ? pattern : pattern.substr(bar + 1);
}

std::optional<std::string> check_literal(std::string_view pattern) {
    constexpr std::size_t ipv4_numbers = 4;
    std::string_view inside = pattern.substr(1, pattern.size() - 2);
    if (inside == "*.*.*.*" || inside.empty()) return std::nullopt;
    if (inside.find('*') != std::string_view::npos) {
        return "in a domain literal asterisks can only be [*.*.*.*]";
    }
    const bool ipv4 = inside.find_first_not_of("0123456789.") == std::string_view::npos;
    if (!ipv4) return std::nullopt;
    const bool closed = inside.back() == '.';
    if (closed) inside.remove_suffix(1);
    const std::size_t numbers = split(inside, '.').size();
    if (!closed && numbers < ipv4_numbers) {
        return "the beginning of a domain literal must end in a dot";
    }
    if (closed && numbers >= ipv4_numbers) return "a whole domain literal does not end in a dot";
    return std::nullopt;
}

std::optional<std::string> check_host(std::string_view pattern) {
    bool leading = true;
    for (const auto part : split(pattern, '.')) {
        const bool star = part == "*";
        if ((star && !leading) || (!star && part.find('*') != std::string_view::npos)) {
            return "an asterisk can only stand for a whole leading part of the host";
        }
        leading = star;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> why_never_matching(std::string_view pattern) {
    pattern = without_tag(pattern);
    if (pattern == "$*" || pattern == "$%" || pattern == "$!") return std::nullopt;
    const bool literal = pattern.size() >= 2 && pattern.front() == '[' && pattern.back() == ']';
    return literal ? check_literal(pattern) : check_host(pattern);
}

}  // namespace sluice::rewrite
