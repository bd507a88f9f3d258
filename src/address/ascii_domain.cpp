#include "address/ascii_domain.h"

#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/utf8.h"

namespace sluice::address {

namespace {

/// RFC 1035 section 2.3.4, as text with a final dot.
constexpr std::size_t longest_domain = 255;

struct CloseIdna {
    void operator()(UIDNA* idna) const noexcept { uidna_close(idna); }
};

// Made once, never changed: the library allows its use on many threads.
const UIDNA* idna() {
    static const std::unique_ptr<UIDNA, CloseIdna> made = [] {
        UErrorCode status = U_ZERO_ERROR;
        constexpr std::uint32_t rules = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI |
                                        UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII;
        UIDNA* opened = uidna_openUTS46(rules, &status);
        return std::unique_ptr<UIDNA, CloseIdna>(U_SUCCESS(status) ? opened : nullptr);
    }();
    return made.get();
}

/// Where a domain that begins at `at` ends: at what follows it in a route or a path.
std::size_t end_of_domain(std::string_view path, std::size_t at) {
    if (path.substr(at).starts_with('[')) {
        const std::size_t closing = path.find(']', at);
        return closing == std::string_view::npos ? path.size() : closing + 1;
    }
    return std::min(path.find_first_of(",:>", at), path.size());
}

}  // namespace

std::optional<std::string> ascii_domain(std::string_view domain) {
    if (is_ascii(domain)) return std::string(domain);
    if (idna() == nullptr || domain.size() > 4 * longest_domain) return std::nullopt;
    std::array<char, longest_domain + 1> name{};
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    const auto size = uidna_nameToASCII_UTF8(
        idna(), domain.data(), static_cast<std::int32_t>(domain.size()), name.data(),
        static_cast<std::int32_t>(name.size()), &info, &status
    );
    if (U_FAILURE(status) || info.errors != 0 || size <= 0) return std::nullopt;
    return std::string(name.data(), static_cast<std::size_t>(size));
}

std::optional<std::string> with_ascii_domains(std::string_view path) {
    std::string out;
    bool is_quoted = false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const char c = path[i];
        out += c;
        if (is_quoted && c == '\\' && i + 1 < path.size()) out += path[++i];
        if (c == '"') is_quoted = !is_quoted;
        if (c != '@' || is_quoted) continue;
        const std::size_t end = end_of_domain(path, i + 1);
        const auto domain = ascii_domain(path.substr(i + 1, end - i - 1));
        if (!domain) return std::nullopt;
        out += *domain;
        i = end - 1;
    }
    return out;
}

}  // namespace sluice::address
