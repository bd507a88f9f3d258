#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "config/file_source.h"

// <channel>_option: the option file of an SMTP or LMTP channel (docs/man/channel_option.5). For
// inbound mail the file of the server's default channel counts, whatever channel the session
// switches to.
namespace sluice::config {

/// Every option, with its default. Times are resolved: TIMEOUT_MULTIPLIER applies to what the file
/// says, defaults are what they are. An unset optional is "no limit" or "as configured elsewhere".
struct TcpChannelOptions {
    // Both sides.
    std::string banner_host;                     ///< empty: the official host name
    std::optional<std::int64_t> log_connection;  ///< overrides the MTA option
    std::int64_t timeout_multiplier = 60;
    std::int64_t trace_level = 0;
    std::string tls_ca_file;  ///< this and the following of the same name: empty, the MTA option
    std::string tls_ciphers;
    std::string tls_min_version;

    // Server.
    std::int64_t allow_etrns_per_session = 1;
    std::int64_t allow_recipients_per_transaction = 128;
    std::optional<std::int64_t> allow_rejections_before_deferral;
    std::optional<std::int64_t> allow_transactions_per_session;
    std::string banner_addition;
    std::chrono::milliseconds banner_purge_delay{0};
    std::string banner_earlytalk = "reject";  ///< what happens to a client that talks first
    bool check_source = true;
    std::chrono::seconds command_receive_time{600};
    std::string custom_version_string;
    std::chrono::seconds data_receive_time{600};
    bool disable_address = true;
    bool disable_circuit = true;
    bool disable_expand = false;
    bool disable_general = true;
    bool disable_send = true;
    bool disable_status = true;
    std::vector<std::string> ehlo_addition;
    std::chrono::seconds fast_smtp_session_time_limit{30};
    bool hide_verify = false;
    std::vector<std::string> hostile_commands{"WIZ", "DEBUG", "KILL"};
    std::int64_t max_b_entries = 10;
    std::int64_t max_bad_commands = 20;
    std::optional<std::int64_t> max_helo_domain_length;
    std::optional<std::int64_t> max_j_entries;
    std::int64_t inflow_rate =
        10;  ///< messages a second of one address while deliveries are behind
    std::int64_t stress_bad_commands = 5;       ///< instead of max_bad_commands, where that is more
    std::int64_t stress_time_divisor = 10;      ///< of the times the server waits for a client
    std::string port_access_refuse = "banner";  ///< or "rcpt"
    std::string proxy_password;
    std::optional<std::int64_t> reject_recipients_per_transaction;
    std::string reuse_timed_out_transfers;
    bool smtp_qsnd = false;
    std::chrono::seconds status_transmit_time{600};
    std::optional<std::int64_t> tls_ask_certificate;
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::optional<std::int64_t> transaction_limit_rcpt_to;

    // Client.
    std::vector<std::string> permanent_552_strings;  ///< 522_PERMANENT_ERROR_STRING
    std::optional<std::int64_t> attempt_transactions_per_session;
    bool client_auth_without_tls = false;  ///< logging in at hosts in the clear
    std::chrono::seconds command_transmit_time{600};
    std::chrono::seconds data_transmit_time{600};
    std::chrono::seconds dot_transmit_time{600};
    std::string initial_command;
    std::string interface_address;  ///< empty: any
    bool log_banner = true;
    bool log_transportinfo = true;
    std::chrono::seconds mail_transmit_time{600};
    std::int64_t max_a_records = 15;
    std::int64_t max_client_threads = 10;
    std::int64_t max_mx_records = 32;
    std::chrono::seconds rcpt_transmit_time{600};
    std::chrono::seconds status_data_receive_time{600};
    std::chrono::milliseconds status_data_recv_per_addr_time{5000};
    std::chrono::milliseconds status_data_recv_per_block_time{100};
    std::chrono::milliseconds status_data_recv_per_addr_per_block_time{200};
    std::chrono::seconds status_mail_receive_time{600};
    std::chrono::seconds status_rcpt_receive_time{600};
    std::chrono::seconds status_receive_time{600};
    std::string tls_client_certificate_file;
    std::string tls_client_key_file;
    std::vector<std::string> tls_hosts;  ///< "host=word"
    bool tls_verify = false;

    // Batch SMTP.
    std::string continuation_chars;

    /// The wait for the reply after the final dot: the basic time and the shares of recipients and
    /// blocks.
    [[nodiscard]] std::chrono::milliseconds data_reply_time(
        std::int64_t recipients, std::int64_t blocks
    ) const;
    /// Names the file set although nothing acts upon them, with their places.
    struct Unhonoured {
        std::string name;
        SourceLocation where;
    };
    std::vector<Unhonoured> unhonoured_in_use;
};

/// Codes: those of option_file.h and option_value.h, E440 text that must not hold "|".
TcpChannelOptions parse_tcp_channel_options(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing file gives the defaults; an unreadable one is an Error.
Result<TcpChannelOptions> load_tcp_channel_options(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
);
/// Every name the file may set, upper case.
const std::vector<std::string_view>& tcp_channel_option_names();

}  // namespace sluice::config
