#include "conversion/wildcard.h"

#include <cstddef>

#include "base/bytes.h"

namespace sluice::conversion {

bool matches_wildcard(std::string_view pattern, std::string_view text) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = none;  // behind the last `*`, where a mismatch goes back to
    std::size_t resume = 0;   // and the octet of the text that the `*` takes then
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            resume = t;
            continue;
        }
        const bool quoted = p + 1 < pattern.size() && pattern[p] == '\\';
        const std::size_t at = quoted ? p + 1 : p;
        if (at < pattern.size() &&
            ((!quoted && pattern[at] == '%') || ascii_lower(pattern[at]) == ascii_lower(text[t]))) {
            p = at + 1;
            ++t;
            continue;
        }
        if (star == none) return false;
        p = star;
        t = ++resume;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace sluice::conversion
