#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.h"

// What is said between a server and pam_host, the program that asks PAM for it: one packet each
// way. Pure.
namespace sluice::auth::pam {

struct Request {
    std::string service;    ///< file in /etc/pam.d
    std::string directory;  ///< instead of /etc/pam.d; empty: that
    std::string user;
    std::string remote;  ///< address of the client
    Secret password;
};

struct Verdict {
    enum class Kind : char { accepted = 'A', refused = 'R', unavailable = 'U' };
    Kind kind = Kind::unavailable;
    std::string text;  ///< accepted: the user as PAM has it; else why
};

inline constexpr std::size_t longest_packet = 16384;

/// nullopt: something of it cannot be said (an octet NUL).
std::optional<Secret> encode(const Request& request);
std::optional<Request> decode_request(std::string_view packet);
std::string encode(const Verdict& verdict);
std::optional<Verdict> decode_verdict(std::string_view packet);

}  // namespace sluice::auth::pam
