#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smtp/reply.h"

namespace sluice::smtp {

/// What a server offers, from its reply to EHLO or LHLO.
struct Capabilities {
    /// The first line is the server's own name; unknown keywords are ignored.
    static Capabilities parse(const Reply& hello);

    bool esmtp = false;  ///< EHLO or LHLO was accepted
    bool pipelining = false;
    bool eight_bit_mime = false;
    bool chunking = false;
    bool binary_mime = false;
    bool dsn = false;
    bool enhanced_status_codes = false;
    bool etrn = false;
    bool smtputf8 = false;
    bool starttls = false;
    std::optional<std::uint64_t> size;  ///< octets; 0: offered without a limit
    std::vector<std::string> auth;      ///< mechanisms in capitals
    std::string loop_hash;              ///< XLOOP; our own means that we talk to ourselves
};

}  // namespace sluice::smtp
