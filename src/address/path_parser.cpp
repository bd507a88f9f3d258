#include <algorithm>
#include <utility>

#include "address/domain.h"
#include "address/local_part.h"
#include "address/path.h"
#include "base/bytes.h"
#include "grammar/mailbox.h"

namespace sluice::address {

namespace {

namespace g = grammar::mailbox;

// What the grammar found, in the order it found it.
struct Parts {
    std::vector<std::string> route;
    std::string local_part;
    std::string domain;
    bool opened = false;
    bool has_at = false;
};

// clang-format off
template <class Rule> struct Action {};
template <> struct Action<g::opening> { static void apply0(Parts& p) { p.opened = true; } };
template <> struct Action<g::at_sign> { static void apply0(Parts& p) { p.has_at = true; } };
// clang-format on

template <>
struct Action<g::route_domain> {
    template <class Input>
    static void apply(const Input& in, Parts& parts) {
        parts.route.push_back(std::move(parts.domain));
        parts.domain.clear();
        (void)in;
    }
};

template <>
struct Action<g::domain> {
    template <class Input>
    static void apply(const Input& in, Parts& parts) {
        parts.domain = in.string();
    }
};

template <>
struct Action<g::local_part> {
    template <class Input>
    static void apply(const Input& in, Parts& parts) {
        parts.local_part = canonical_local_part(in.string_view());
    }
};

Error syntax_error(std::string text) {
    return Error::permanent({5, 1, 3}, std::move(text));
}

Error unparsable(const Parts& parts, bool brackets) {
    if (brackets && !parts.opened) return syntax_error("address must be in angle brackets");
    if (parts.has_at) return syntax_error("syntax error in the domain of the address");
    return syntax_error("syntax error in the local part of the address");
}

// RFC 5321 section 4.1.3 and RFC 1035 section 2.3.4: what the grammar does not count.
bool is_sound_domain(std::string_view domain) {
    constexpr std::size_t longest_label = 63;
    if (is_literal(domain)) {
        const bool other_kind = domain.find(':') != std::string_view::npos &&
                                !starts_with_ignoring_case(domain, "[IPv6:");
        return other_kind || literal_address(domain).has_value();
    }
    const auto labels = split(domain, '.');
    return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
        return label.size() <= longest_label;
    });
}

Result<void> check(const Parts& parts, const Limits& limits) {
    if (parts.local_part.size() > limits.local_part) {
        return syntax_error("local part of the address is too long");
    }
    std::vector<std::string_view> domains(parts.route.begin(), parts.route.end());
    if (!parts.domain.empty()) domains.emplace_back(parts.domain);
    for (const std::string_view domain : domains) {
        if (domain.size() > limits.domain) return syntax_error("domain of the address is too long");
        if (!is_sound_domain(domain)) {
            return syntax_error("syntax error in the domain of the address");
        }
    }
    return {};
}

std::string canonical_text(const std::vector<std::string>& route, const Mailbox& mailbox) {
    std::string text;
    for (const auto& host : route) {
        if (!text.empty()) text += ',';
        text += '@' + host;
    }
    if (!text.empty()) text += ':';
    return text + mailbox.text();
}

}  // namespace

Result<Path> parse_path(std::string_view text, const Limits& limits) {
    if (text.size() > limits.path) return syntax_error("address is too long");
    Parts parts;
    g::memory_input<> input(text.data(), text.size(), "");
    if (!g::parse<g::path, Action>(input, parts)) return unparsable(parts, true);
    if (auto sound = check(parts, limits); !sound) return std::move(sound).error();
    Path path;
    path.route = std::move(parts.route);
    path.mailbox = {std::move(parts.local_part), std::move(parts.domain)};
    path.text = canonical_text(path.route, path.mailbox);
    path.needs_smtputf8 = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
    return path;
}

Result<Mailbox> parse_mailbox(std::string_view text, const Limits& limits) {
    constexpr std::size_t brackets = 2;
    if (text.size() + brackets > limits.path) return syntax_error("address is too long");
    Parts parts;
    g::memory_input<> input(text.data(), text.size(), "");
    if (!g::parse<g::lone_mailbox, Action>(input, parts)) return unparsable(parts, false);
    if (auto sound = check(parts, limits); !sound) return std::move(sound).error();
    return Mailbox{std::move(parts.local_part), std::move(parts.domain)};
}

}  // namespace sluice::address
