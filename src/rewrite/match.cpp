#include "rewrite/match.h"

#include "address/domain.h"

namespace sluice::rewrite {

HostParts::HostParts(std::string_view host) : host_(host), is_literal_(address::is_literal(host)) {
    if (!is_literal_) return;
    inside_ = host.substr(1, host.size() - 2);
    const auto address = address::literal_address(host);
    is_ipv4_ = address && address->is_v4();
}

Match HostParts::whole() const {
    const std::string_view fields = is_ipv4_ ? inside_ : host_;
    return {host_, {}, {}, fields, {}};
}

Match HostParts::exact() const {
    const std::string_view fields = is_ipv4_ ? inside_ : host_;
    return {{}, host_, {}, {}, fields};
}

Match HostParts::before(std::size_t dot) const {
    return {
        host_.substr(0, dot), host_.substr(dot), {}, host_.substr(0, dot), host_.substr(dot + 1)};
}

Match HostParts::any() const {
    Match match = whole();
    match.matched = ".";
    return match;
}

Match HostParts::literal_prefix(std::size_t length) const {
    Match match;
    match.literal = inside_.substr(length);
    match.unmatched_fields = match.literal;
    if (length > 0) match.matched_fields = inside_.substr(0, length - 1);
    return match;
}

std::optional<std::string_view> field(std::string_view text, std::size_t n, bool from_right) {
    if (text.empty()) return std::nullopt;
    if (text.front() == '[') return n == 0 ? std::optional(text) : std::nullopt;
    constexpr auto npos = std::string_view::npos;
    for (; n > 0; --n) {
        const auto dot = from_right ? text.rfind('.') : text.find('.');
        if (dot == npos) return std::nullopt;
        text = from_right ? text.substr(0, dot) : text.substr(dot + 1);
    }
    if (from_right) return text.substr(text.rfind('.') + 1);
    return text.substr(0, text.find('.'));
}

std::string_view drop_parts(std::string_view text, std::size_t n) {
    if (n == 0 || text.empty()) return text;
    if (text.front() == '[') return {};
    std::size_t keep_from = text.front() == '.' ? 1 : 0;
    const bool keeps_dot = keep_from == 1;
    for (; n > 0; --n) {
        const auto dot = text.find('.', keep_from);
        if (dot == std::string_view::npos) return {};
        keep_from = dot + 1;
    }
    return text.substr(keeps_dot ? keep_from - 1 : keep_from);
}

}  // namespace sluice::rewrite
