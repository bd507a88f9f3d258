#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "smtp/command.h"
#include "smtp/reply.h"

namespace sluice::smtp {

/// A command line cut at the first blank. Views into the line.
struct CommandLine {
    std::string_view verb;
    std::string_view argument;  ///< without blanks at either end
};
CommandLine split_command(std::string_view line);

/// Which parameters the server offers; others are answered 555.
struct OfferedParameters {
    bool size = true;
    bool eight_bit_mime = true;
    bool binary_mime = false;
    bool dsn = true;
    bool auth = false;
    bool smtputf8 = false;
};

/// Value, or the reply that refuses the command.
template <class T>
using Parsed = std::variant<T, Reply>;

/// What follows "MAIL". 501 5.1.7 for a bad path, 555 for a parameter that is not offered, 501
/// 5.5.4 for a bad or repeated one (RFC 5321 section 4.1.1.11).
Parsed<MailCommand> parse_mail(
    std::string_view argument, const OfferedParameters& offered, const address::Limits& lengths
);
/// What follows "RCPT"; 501 5.1.3 for a bad or empty path. 8-bit octets in the path or in ORCPT
/// need `smtputf8`.
Parsed<RcptCommand> parse_rcpt(
    std::string_view argument,
    const OfferedParameters& offered,
    const address::Limits& lengths,
    bool smtputf8
);

/// RFC 3461 section 4: the text that an xtext stands for; nullopt when it is none.
std::optional<std::string> decode_xtext(std::string_view text);
std::string encode_xtext(std::string_view text);

}  // namespace sluice::smtp
