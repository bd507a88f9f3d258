#include "utility/wildcard.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::utility {

bool matches_wildcard(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // the last one seen
    std::size_t resume = 0;                     // what it has taken ends here
    while (t < text.size()) {
        const bool more = p < pattern.size();
        if (more && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (more && (pattern[p] == '?' || pattern[p] == '%' || ascii_lower(pattern[p]) == ascii_lower(text[t]))) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool has_wildcard(std::string_view text) {
    return text.find_first_of("*?%") != std::string_view::npos;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    const auto same = [](char a, char b) { return ascii_lower(a) == ascii_lower(b); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
           part.empty();
}

}  // namespace sluice::utility
