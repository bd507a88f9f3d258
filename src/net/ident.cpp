#include "net/ident.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::net {

namespace {

constexpr std::size_t longest_user = 64;

/// What stands before the next colon, without blanks around it; takes both off `text`.
std::string_view take_part(std::string_view& text) {
    const std::size_t colon = text.find(':');
    const std::string_view part = trim(text.substr(0, colon));
    text = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    return part;
}

bool names_ports(std::string_view pair, const Endpoint& local, const Endpoint& remote) {
    const std::size_t comma = pair.find(',');
    if (comma == std::string_view::npos) return false;
    const auto theirs = parse_unsigned(trim(pair.substr(0, comma)));
    const auto ours = parse_unsigned(trim(pair.substr(comma + 1)));
    return theirs && ours && *theirs == remote.port && *ours == local.port;
}

}  // namespace

std::string ident_question(const Endpoint& local, const Endpoint& remote) {
    // RFC 1413 section 3: the port on the system that is asked comes first.
    return std::to_string(remote.port) + " , " + std::to_string(local.port) + "\r\n";
}

std::optional<std::string> parse_ident_reply(
    std::string_view reply, const Endpoint& local, const Endpoint& remote
) {
    std::string_view rest = reply.substr(0, reply.find_first_of("\r\n"));
    if (!names_ports(take_part(rest), local, remote)) return std::nullopt;
    if (!equals_ignoring_case(take_part(rest), "USERID")) return std::nullopt;
    take_part(rest);  // the operating system, and the character set of the name
    std::string user(trim(rest));
    user.erase(std::remove_if(user.begin(), user.end(), is_control), user.end());
    user.resize(std::min(user.size(), longest_user));
    if (user.empty()) return std::nullopt;
    return user;
}

}  // namespace sluice::net
