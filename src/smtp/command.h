#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "address/path.h"

namespace sluice::smtp {

/// BODY= of RFC 6152 and RFC 3030.
enum class Body { seven_bit, eight_bit_mime, binary_mime };
/// RET= of RFC 3461 section 4.3.
enum class Ret { unspecified, full, headers };

/// NOTIFY= of RFC 3461 section 4.1. All false and not `never`: the parameter was not given.
struct Notify {
    bool never = false;
    bool success = false;
    bool failure = false;
    bool delay = false;

    [[nodiscard]] bool is_given() const { return never || success || failure || delay; }
    friend bool operator==(const Notify&, const Notify&) = default;
};

/// The parameter's value; empty when it was not given.
std::string to_text(const Notify& notify);

/// What MAIL said. Texts are as the client wrote them.
struct MailCommand {
    /// Between the angle brackets, as written; empty for the null sender.
    std::string path;
    address::Path address;              ///< the same, parsed
    std::optional<std::uint64_t> size;  ///< SIZE=, octets
    std::optional<Body> body;
    Ret ret = Ret::unspecified;
    std::string envid;                ///< xtext; empty when not given
    std::optional<std::string> auth;  ///< AUTH=, xtext
    bool smtputf8 = false;
    bool has_options = false;  ///< at least one parameter was given

    friend bool operator==(const MailCommand&, const MailCommand&) = default;
};

/// What RCPT said. Texts are as the client wrote them.
struct RcptCommand {
    std::string path;       ///< between the angle brackets, as written; never empty
    address::Path address;  ///< the same, parsed
    Notify notify;
    std::string orcpt;  ///< "type;xtext"; empty when not given
    bool has_options = false;

    friend bool operator==(const RcptCommand&, const RcptCommand&) = default;
};

}  // namespace sluice::smtp
