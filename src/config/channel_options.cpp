#include "config/channel_options.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <variant>

#include "base/bytes.h"
#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using Options = TcpChannelOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

// How the text of an option becomes the member.
enum class Form : std::uint8_t {
    plain,       ///< boolean, integer or text, by the member's type; seconds taken as seconds
    units,       ///< in units of TIMEOUT_MULTIPLIER seconds, fractions allowed
    hundredths,  ///< hundredths of a second
    bar_list,    ///< texts between "|"
    comma_list,  ///< texts between commas
    text_without_bar
};

using Member = std::variant<
    bool Options::*,
    std::int64_t Options::*,
    std::optional<std::int64_t> Options::*,
    std::string Options::*,
    seconds Options::*,
    milliseconds Options::*,
    std::vector<std::string> Options::*>;

// Set `honoured` in the change that makes the option work.
struct Row {
    std::string_view name;
    Member member;
    Form form = Form::plain;
    IntegerRange range = any_integer;
    bool honoured = false;
};

constexpr Row table[] = {
    {"522_PERMANENT_ERROR_STRING", &Options::permanent_552_strings, Form::bar_list, any_integer,
     true},
    {"ALLOW_ETRNS_PER_SESSION", &Options::allow_etrns_per_session, Form::plain, not_negative, true},
    {"ALLOW_RECIPIENTS_PER_TRANSACTION", &Options::allow_recipients_per_transaction, Form::plain,
     at_least_one, true},
    {"ALLOW_REJECTIONS_BEFORE_DEFERRAL", &Options::allow_rejections_before_deferral, Form::plain,
     not_negative, true},
    {"ALLOW_TRANSACTIONS_PER_SESSION", &Options::allow_transactions_per_session, Form::plain,
     at_least_one, true},
    {"ATTEMPT_TRANSACTIONS_PER_SESSION", &Options::attempt_transactions_per_session, Form::plain,
     at_least_one, true},
    {"BANNER_ADDITION", &Options::banner_addition, Form::text_without_bar, any_integer, true},
    {"BANNER_EARLYTALK", &Options::banner_earlytalk, Form::plain, any_integer, true},
    {"BANNER_HOST", &Options::banner_host, Form::plain, any_integer, true},
    {"BANNER_PURGE_DELAY", &Options::banner_purge_delay, Form::hundredths, {0, 360000}, true},
    {"CHECK_SOURCE", &Options::check_source, Form::plain, any_integer, true},
    {"CLIENT_AUTH_WITHOUT_TLS", &Options::client_auth_without_tls, Form::plain, any_integer, true},
    {"COMMAND_RECEIVE_TIME", &Options::command_receive_time, Form::units, any_integer, true},
    {"COMMAND_TRANSMIT_TIME", &Options::command_transmit_time, Form::units, any_integer, true},
    {"CONTINUATION_CHARS", &Options::continuation_chars},
    {"CUSTOM_VERSION_STRING", &Options::custom_version_string, Form::plain, any_integer, true},
    {"DATA_RECEIVE_TIME", &Options::data_receive_time, Form::units, any_integer, true},
    {"DATA_TRANSMIT_TIME", &Options::data_transmit_time, Form::units, any_integer, true},
    {"DISABLE_ADDRESS", &Options::disable_address, Form::plain, any_integer, true},
    {"DISABLE_CIRCUIT", &Options::disable_circuit, Form::plain, any_integer, true},
    {"DISABLE_EXPAND", &Options::disable_expand, Form::plain, any_integer, true},
    {"DISABLE_GENERAL", &Options::disable_general, Form::plain, any_integer, true},
    {"DISABLE_SEND", &Options::disable_send, Form::plain, any_integer, true},
    {"DISABLE_STATUS", &Options::disable_status, Form::plain, any_integer, true},
    {"DOT_TRANSMIT_TIME", &Options::dot_transmit_time, Form::units, any_integer, true},
    {"EHLO_ADDITION", &Options::ehlo_addition, Form::bar_list, any_integer, true},
    {"FAST_SMTP_SESSION_TIME_LIMIT",
     &Options::fast_smtp_session_time_limit,
     Form::plain,
     {0, 604800}},
    {"HIDE_VERIFY", &Options::hide_verify, Form::plain, any_integer, true},
    {"HOSTILE_COMMANDS", &Options::hostile_commands, Form::comma_list, any_integer, true},
    {"INFLOW_RATE", &Options::inflow_rate, Form::plain, {1, 1000000}, true},
    {"INITIAL_COMMAND", &Options::initial_command},
    {"INTERFACE_ADDRESS", &Options::interface_address, Form::plain, any_integer, true},
    {"LOG_BANNER", &Options::log_banner, Form::plain, any_integer, true},
    {"LOG_CONNECTION", &Options::log_connection, Form::plain, any_integer, true},
    {"LOG_TRANSPORTINFO", &Options::log_transportinfo, Form::plain, any_integer, true},
    {"MAIL_TRANSMIT_TIME", &Options::mail_transmit_time, Form::units, any_integer, true},
    {"MAX_A_RECORDS", &Options::max_a_records, Form::plain, at_least_one, true},
    {"MAX_BAD_COMMANDS", &Options::max_bad_commands, Form::plain, at_least_one, true},
    {"MAX_B_ENTRIES", &Options::max_b_entries, Form::plain, not_negative, true},
    {"MAX_CLIENT_THREADS", &Options::max_client_threads, Form::plain, {1, 10000}, true},
    {"MAX_HELO_DOMAIN_LENGTH", &Options::max_helo_domain_length, Form::plain, at_least_one, true},
    {"MAX_J_ENTRIES", &Options::max_j_entries, Form::plain, not_negative, true},
    {"MAX_MX_RECORDS", &Options::max_mx_records, Form::plain, at_least_one, true},
    {"PORT_ACCESS_REFUSE", &Options::port_access_refuse, Form::plain, any_integer, true},
    {"PROXY_PASSWORD", &Options::proxy_password},
    {"RCPT_TRANSMIT_TIME", &Options::rcpt_transmit_time, Form::units, any_integer, true},
    {"REJECT_RECIPIENTS_PER_TRANSACTION", &Options::reject_recipients_per_transaction, Form::plain,
     at_least_one, true},
    {"REUSE_TIMED_OUT_TRANSFERS", &Options::reuse_timed_out_transfers},
    {"SMTP_QSND", &Options::smtp_qsnd, Form::plain, any_integer, true},
    {"STATUS_DATA_RECEIVE_TIME", &Options::status_data_receive_time, Form::units, any_integer,
     true},
    {"STATUS_DATA_RECV_PER_ADDR_PER_BLOCK_TIME", &Options::status_data_recv_per_addr_per_block_time,
     Form::units, any_integer, true},
    {"STATUS_DATA_RECV_PER_ADDR_TIME", &Options::status_data_recv_per_addr_time, Form::units,
     any_integer, true},
    {"STATUS_DATA_RECV_PER_BLOCK_TIME", &Options::status_data_recv_per_block_time, Form::units,
     any_integer, true},
    {"STATUS_MAIL_RECEIVE_TIME", &Options::status_mail_receive_time, Form::units, any_integer,
     true},
    {"STATUS_RCPT_RECEIVE_TIME", &Options::status_rcpt_receive_time, Form::units, any_integer,
     true},
    {"STATUS_RECEIVE_TIME", &Options::status_receive_time, Form::units, any_integer, true},
    {"STATUS_TRANSMIT_TIME", &Options::status_transmit_time, Form::units, any_integer, true},
    {"STRESS_BAD_COMMANDS", &Options::stress_bad_commands, Form::plain, at_least_one, true},
    {"STRESS_TIME_DIVISOR", &Options::stress_time_divisor, Form::plain, {1, 1000}, true},
    {"TIMEOUT_MULTIPLIER", &Options::timeout_multiplier, Form::plain, {1, 86400}, true},
    {"TLS_ASK_CERTIFICATE", &Options::tls_ask_certificate, Form::plain, {0, 2}, true},
    {"TLS_CA_FILE", &Options::tls_ca_file, Form::plain, any_integer, true},
    {"TLS_CERTIFICATE_FILE", &Options::tls_certificate_file, Form::plain, any_integer, true},
    {"TLS_CIPHERS", &Options::tls_ciphers, Form::plain, any_integer, true},
    {"TLS_CLIENT_CERTIFICATE_FILE", &Options::tls_client_certificate_file, Form::plain, any_integer,
     true},
    {"TLS_CLIENT_KEY_FILE", &Options::tls_client_key_file, Form::plain, any_integer, true},
    {"TLS_HOSTS", &Options::tls_hosts, Form::comma_list, any_integer, true},
    {"TLS_KEY_FILE", &Options::tls_key_file, Form::plain, any_integer, true},
    {"TLS_MIN_VERSION", &Options::tls_min_version, Form::plain, any_integer, true},
    {"TLS_VERIFY", &Options::tls_verify, Form::plain, any_integer, true},
    {"TRACE_LEVEL", &Options::trace_level, Form::plain, {0, 2}, true},
    {"TRANSACTION_LIMIT_RCPT_TO", &Options::transaction_limit_rcpt_to, Form::plain, at_least_one,
     true},
};

/// Options that are one of a few words.
struct Choice {
    std::string_view name;
    std::string_view words;
};
constexpr Choice choices[] = {
    {"BANNER_EARLYTALK", "drop log reject"},
    {"PORT_ACCESS_REFUSE", "banner rcpt"},
};

/// The words that the option may be, where it is none of them; else nothing.
std::string_view refused_by(std::string_view name, std::string_view value) {
    for (const Choice& choice : choices) {
        if (choice.name != name) continue;
        for (const std::string_view word : split_words(choice.words)) {
            if (equals_ignoring_case(word, value)) return {};
        }
        return choice.words;
    }
    return {};
}

const Row* find_row(std::string_view name) {
    for (const auto& row : table) {
        if (equals_ignoring_case(row.name, name)) return &row;
    }
    return nullptr;
}

std::vector<std::string> list_of(std::string_view text, char separator) {
    std::vector<std::string> items;
    for (const std::string_view item : split(text, separator)) {
        if (!trim(item).empty()) items.emplace_back(trim(item));
    }
    return items;
}

/// Puts one setting into the member its row names.
struct Assignment {
    const Row& row;
    const Setting& setting;
    Options& options;
    Diagnostics& diagnostics;

    [[nodiscard]] std::optional<std::int64_t> number() const {
        return integer_of(setting, row.range, diagnostics);
    }
    [[nodiscard]] std::optional<milliseconds> time() const;

    void operator()(bool Options::*member) const {
        if (const auto value = boolean_of(setting, diagnostics)) options.*member = *value;
    }
    void operator()(std::int64_t Options::*member) const {
        if (const auto value = number()) options.*member = *value;
    }
    void operator()(std::optional<std::int64_t> Options::*member) const {
        if (const auto value = number()) options.*member = *value;
    }
    void operator()(std::string Options::*member) const {
        if (row.form == Form::text_without_bar && setting.value.find('|') != std::string::npos) {
            diagnostics.error(
                column_of(
                    setting.value_where, setting.value_where.column + setting.value.find('|')
                ),
                "E440", std::string(row.name) + ": \"|\" is not allowed here, the default is kept",
                setting.line
            );
            return;
        }
        if (const auto words = refused_by(row.name, setting.value); !words.empty())
            return report_malformed(setting, "one of: " + std::string(words), diagnostics);
        options.*member = setting.value;
    }
    void operator()(seconds Options::*member) const {
        // Half a second is not "no time at all".
        if (const auto value = time()) options.*member = std::chrono::ceil<seconds>(*value);
    }
    void operator()(milliseconds Options::*member) const {
        if (const auto value = time()) options.*member = *value;
    }
    void operator()(std::vector<std::string> Options::*member) const {
        options.*member = list_of(setting.value, row.form == Form::bar_list ? '|' : ',');
    }
};

std::optional<milliseconds> Assignment::time() const {
    constexpr double most_seconds = 7 * 86400.0;
    if (row.form != Form::units) {
        const auto value = number();
        if (!value) return std::nullopt;
        return milliseconds(*value * (row.form == Form::hundredths ? 10 : 1000));
    }
    auto units = parse_option_real(setting.value);
    if (const auto whole = parse_option_integer(setting.value)) {
        units = static_cast<double>(*whole);
    }
    if (!units || *units < 0) {
        report_malformed(setting, "a time", diagnostics);
        return std::nullopt;
    }
    double value = *units * static_cast<double>(options.timeout_multiplier);
    if (value > most_seconds) {
        diagnostics.warning(
            setting.value_where, "W404",
            std::string(row.name) + ": more than a week, a week is used", setting.line
        );
        value = most_seconds;
    }
    return milliseconds(static_cast<std::int64_t>(std::llround(value * 1000.0)));
}

void take(const Setting& setting, Options& options, Diagnostics& diagnostics) {
    const Row* row = find_row(setting.name);
    if (row == nullptr) {
        report_unknown(setting, "channel option", tcp_channel_option_names(), diagnostics);
        return;
    }
    std::visit(Assignment{*row, setting, options, diagnostics}, row->member);
    if (!row->honoured) {
        options.unhonoured_in_use.push_back({std::string(row->name), setting.where});
    }
}

}  // namespace

milliseconds TcpChannelOptions::data_reply_time(std::int64_t recipients, std::int64_t blocks)
    const {
    constexpr double most = 86400.0 * 1000.0;
    const auto share = [](milliseconds time, std::int64_t count) {
        return static_cast<double>(time.count()) * static_cast<double>(count);
    };
    const double total =
        share(status_data_receive_time, 1) + share(status_data_recv_per_addr_time, recipients) +
        share(status_data_recv_per_block_time, blocks) +
        share(status_data_recv_per_addr_per_block_time, recipients) * static_cast<double>(blocks);
    return milliseconds(static_cast<std::int64_t>(std::min(total, most)));
}

const std::vector<std::string_view>& tcp_channel_option_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const auto& row : table) all.push_back(row.name);
        return all;
    }();
    return names;
}

TcpChannelOptions parse_tcp_channel_options(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    const auto file = parse_option_file(text, file_name, OptionDialect{}, diagnostics);
    TcpChannelOptions options;
    constexpr std::string_view multiplier = "TIMEOUT_MULTIPLIER";
    // The unit first, wherever it stands; of repeated settings the last counts.
    if (const auto* unit = file.globals().find(multiplier)) take(*unit, options, diagnostics);
    const Setting* general = nullptr;
    for (const auto& setting : file.globals().settings) {
        if (equals_ignoring_case(setting.name, multiplier)) continue;
        take(setting, options, diagnostics);
        if (equals_ignoring_case(setting.name, "DISABLE_GENERAL")) general = &setting;
    }
    // XCIR follows XGEN unless it has a setting of its own.
    if (general != nullptr && file.globals().find("DISABLE_CIRCUIT") == nullptr) {
        options.disable_circuit = options.disable_general;
    }
    return options;
}

Result<TcpChannelOptions> load_tcp_channel_options(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (text) return parse_tcp_channel_options(*text, path, diagnostics);
    if (text.error().error_number() == ENOENT) return TcpChannelOptions{};
    return text.error();
}

}  // namespace sluice::config
