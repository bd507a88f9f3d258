#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sluice::smtp {

/// Everything that a client session needs to know of the configuration. Names in capitals are
/// those of the channel option file, the ones in small letters channel keywords.
struct ClientSettings {
    enum class Protocol { smtp, lmtp };
    /// none of the keywords (EHLO unless the banner says "fire away"), ehlo, checkehlo, noehlo.
    enum class Hello { by_default, ehlo, check_banner, never_ehlo };
    /// notlsclient and its like, maytlsclient, musttlsclient.
    enum class Need { never, may, must };

    std::string host;  ///< name in EHLO: BANNER_HOST or the official host name
    Protocol protocol = Protocol::smtp;
    Hello hello = Hello::by_default;
    Need tls = Need::never;
    Need auth = Need::never;
    bool pipelining = true;                ///< use it where it is offered
    std::size_t commands_in_flight = 100;  ///< commands sent ahead of their replies, at most
    bool chunking = true;                  ///< chunkingclient: BDAT where it is offered
    std::size_t chunk_size = 65536;        ///< octets of a BDAT that is not the last, about
    /// 522_PERMANENT_ERROR_STRING, split at '|': texts of a 552 to RCPT, with the enhanced status,
    /// that are permanent. Any other 552 to RCPT is temporary (RFC 5321 section 4.5.3.1.10).
    std::vector<std::string> permanent_552;
    /// Keyword eightbit: 8-bit messages go out even where 8BITMIME is not offered.
    bool force_eight_bit = false;
    std::optional<std::size_t> transactions_per_session;  ///< ATTEMPT_TRANSACTIONS_PER_SESSION
};

}  // namespace sluice::smtp
