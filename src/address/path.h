#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Addresses as the SMTP envelope carries them. This room turns the bytes between MAIL FROM: or
// RCPT TO: and the parameters into values, and compares and takes apart what it found. It decides
// nothing: which addresses are acceptable, complete or local is the business of the rooms above.
namespace sluice::address {

/// Lengths in octets, RFC 5321 section 4.5.3.1. The limit of a path counts its angle brackets.
struct Limits {
    std::size_t local_part = 64;
    std::size_t domain = 255;
    std::size_t path = 256;
};

/// A local part and a domain. The local part is as it stands in an address: quoted where it has to
/// be, and never quoted without need. `domain` is empty for a local part that came alone.
struct Mailbox {
    std::string local_part;
    std::string domain;

    /// "local@domain", or the local part alone.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

/// A forward or reverse path of RFC 5321 section 4.1.2.
struct Path {
    std::vector<std::string> route;  ///< hosts of the source route, first hop first
    Mailbox mailbox;                 ///< empty for the null path
    std::string text;                ///< canonical, without brackets: "@a,@b:user@c"; "" for <>
    bool needs_smtputf8 = false;     ///< has bytes beyond ASCII (RFC 6531)

    [[nodiscard]] bool is_null() const { return text.empty(); }
    [[nodiscard]] std::string to_debug_string() const;
    friend bool operator==(const Path&, const Path&) = default;
};

/// Parses one path with its angle brackets and nothing around it: `<user@host>`,
/// `<@a,@b:user@host>`, `<>`, and `<user>`, which the caller completes or refuses.
/// Errors are permanent with status 5.1.3; a caller that parses a sender reports 5.1.7.
/// Quoting that has no effect is taken out of the local part; letter case stays as it is.
Result<Path> parse_path(std::string_view text, const Limits& limits = {});

/// Parses `user@host` or `user` without brackets. Errors as parse_path.
Result<Mailbox> parse_mailbox(std::string_view text, const Limits& limits = {});

}  // namespace sluice::address
