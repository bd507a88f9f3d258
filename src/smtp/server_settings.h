#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "address/path.h"
#include "smtp/data_decoder.h"

namespace sluice::smtp {

/// Keywords vrfyallow, vrfydefault, vrfyhide.
enum class VerifyPolicy { allow, by_default, hide };
/// Keywords expnallow, expndefault, expndisable.
enum class ExpandPolicy { allow, by_default, disable };

/// Everything that a server session needs to know of the configuration, shared by the sessions of a
/// channel and never changed. The names in capitals are those of the channel option file, the ones
/// in small letters channel keywords. Limits that are not set do not exist; sizes are octets.
struct ServerSettings {
    // Greeting
    std::string host;                           ///< BANNER_HOST or the official host name
    std::string product = "Sluice";             ///< first word of the banner's parenthesis
    std::string version;                        ///< second word
    std::optional<std::string> custom_version;  ///< CUSTOM_VERSION_STRING: the whole parenthesis
    std::string banner_addition;                ///< BANNER_ADDITION

    /// LMTP (RFC 2033): LHLO instead of EHLO and HELO, a reply for each recipient behind a message.
    bool lmtp = false;

    // Offered extensions
    bool ehlo = true;            ///< refuseehlo makes it false
    bool eight_bit_mime = true;  ///< sevenbit makes it false
    bool chunking = false;       ///< chunkingserver: BDAT
    bool binary_mime = false;    ///< BODY=BINARYMIME, needs chunking
    bool dsn = true;
    bool starttls = false;                      ///< maytlsserver, musttlsserver
    bool tls_required = false;                  ///< musttlsserver: 530 at MAIL without TLS
    std::vector<std::string> auth_mechanisms;   ///< offered inside TLS; both empty: no AUTH
    std::vector<std::string> auth_without_tls;  ///< offered in the clear
    bool auth_required = false;                 ///< mustsaslserver: 530 at MAIL
    bool legacy_auth_line = false;              ///< msexchange: "AUTH=" in the EHLO list
    bool etrn = true;                           ///< disableetrn makes it false
    bool smtputf8 = false;
    std::string loop_hash;                    ///< XLOOP value; empty: not offered
    std::vector<std::string> ehlo_additions;  ///< EHLO_ADDITION, split at '|'

    // Private commands (DISABLE_ADDRESS, _STATUS, _CIRCUIT, _GENERAL = 0), SEND family, QSND
    bool xadr = false;
    bool xsta = false;
    bool xcir = false;
    bool xgen = false;
    bool send_commands = false;  ///< DISABLE_SEND=0: 502 instead of the text that says disabled
    bool qsnd = false;           ///< SMTP_QSND: QSND is a synonym of ETRN
    std::vector<std::string> hostile_commands{"WIZ", "DEBUG", "KILL"};  ///< HOSTILE_COMMANDS

    // VRFY and EXPN
    VerifyPolicy verify = VerifyPolicy::by_default;
    bool hide_verify = false;  ///< HIDE_VERIFY
    ExpandPolicy expand = ExpandPolicy::by_default;
    bool disable_expand = false;  ///< DISABLE_EXPAND

    // Commands
    bool require_hello = true;  ///< 503 for MAIL before HELO or EHLO
    bool refuse_early_pipelining =
        true;  ///< 503 for commands sent along with EHLO, HELO, AUTH, STARTTLS
    std::size_t command_line = 512;            ///< octets with CR LF (RFC 5321 section 4.5.3.1.4)
    std::size_t extended_command_line = 4096;  ///< the same for MAIL, RCPT and other long ones
    std::size_t auth_line = 12288;             ///< RFC 4954 section 4
    std::optional<std::size_t> max_hello_domain;  ///< MAX_HELO_DOMAIN_LENGTH, octets
    std::size_t max_b_entries = 10;  ///< MAX_B_ENTRIES: BadCommand actions per connection
    std::optional<std::size_t> disconnect_bad_commands = 20;  ///< disconnectbadcommandlimit
    std::optional<std::size_t> disconnect_bad_auth = 3;       ///< disconnectbadauthlimit
    std::size_t output_ceiling = 16384;  ///< replies waiting before Flush is asked for, octets

    /// Of addresses, octets. RFC 5321 section 4.5.3.1 names what everybody must take, 64 and 256;
    /// senders that write their own envelope into the local part (VERP, SRS) need more.
    address::Limits address_lengths{512, 255, 1024};

    // Transactions
    std::optional<std::size_t> recipients_per_transaction = 128;  ///< ALLOW_RECIPIENTS_PER_…
    std::optional<std::size_t> refused_above_recipients;  ///< REJECT_RECIPIENTS_PER_TRANSACTION
    std::optional<std::size_t> recipients_per_session;    ///< TRANSACTION_LIMIT_RCPT_TO
    std::optional<std::size_t> transactions_per_session;  ///< ALLOW_TRANSACTIONS_…: 421 and close
    std::optional<std::size_t> transaction_limit;         ///< transactionlimit: 450
    std::optional<std::size_t> rejections_before_deferral;  ///< ALLOW_REJECTIONS_BEFORE_DEFERRAL
    std::optional<std::size_t> disconnect_recipients;       ///< disconnectrecipientlimit
    std::optional<std::size_t> disconnect_rejections;       ///< disconnectrejectlimit
    std::optional<std::size_t> etrns_per_session = 1;       ///< ALLOW_ETRNS_PER_SESSION

    // Data
    std::uint64_t message_size = 0;  ///< SIZE; 0 is no limit
    LineEndings line_endings = LineEndings::crlf;
    LongLines long_lines = LongLines::truncate;
    std::size_t text_line = 1000;  ///< octets with CR LF
    /// Octets of a refused message, or of one endless command line, that are read and thrown away
    /// before the connection is given up.
    std::uint64_t discard_ceiling = std::uint64_t{256} << 20U;
    std::uint64_t command_discard_ceiling = std::uint64_t{1} << 20U;
};

}  // namespace sluice::smtp
