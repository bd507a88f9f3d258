#include "smtp/standard_replies.h"

#include <string>

namespace sluice::smtp::replies {

namespace {

std::string limit_text(std::uint64_t octets) {
    return "channel limit of " + std::to_string(octets / 1024) +
           " kilobytes on message size exceeded";
}

Reply about(int code, StatusCode status, std::string_view text, std::string_view address) {
    return {code, status, std::string(text) + ": " + sanitised(address, echo_limit, true)};
}

}  // namespace

Reply shutting_down() {
    return {421, {4, 3, 2}, "Server is shutting down"};
}
Reply command_timeout() {
    return {421, {4, 4, 2}, "Command timeout"};
}
Reply data_timeout() {
    return {421, {4, 4, 2}, "Data timeout"};
}
Reply goodbye() {
    return {221, {2, 3, 0}, "Bye received. Goodbye."};
}
Reply ok() {
    return {250, {2, 5, 0}, "Ok."};
}
Reply too_many_bad_commands() {
    return {421, {4, 7, 0}, "Too many bad commands"};
}
Reply early_talker() {
    return {554, {5, 5, 1}, "Command sent before the greeting"};
}
Reply too_many_messages_closing() {
    return {421, {4, 7, 0}, "Too many messages in this connection"};
}
Reply too_many_messages() {
    return {450, {4, 5, 3}, "Too many messages in this connection"};
}
Reply too_many_recipients_closing() {
    return {421, {4, 7, 0}, "Too many recipients in this connection"};
}
Reply too_many_rejections_closing() {
    return {421, {4, 7, 0}, "Too many rejected recipients in this connection"};
}
Reply endless_input() {
    return {421, {4, 7, 0}, "Input without end"};
}

Reply unknown_command(std::string_view verb) {
    return {500, {5, 5, 1}, "Unknown command \"" + sanitised(verb) + "\" specified"};
}
Reply not_implemented(std::string_view verb) {
    return {502, {5, 5, 1}, std::string(verb) + " command is not implemented"};
}
Reply disabled(std::string_view verb) {
    return {550, {5, 7, 0}, std::string(verb) + " command has been disabled."};
}
Reply send_disabled() {
    return {550, {5, 7, 2}, "SEND/SAML/SOML commands have been disabled."};
}
Reply syntax_error() {
    return {501, {5, 5, 2}, "Syntax error in parameters or arguments"};
}
Reply syntax_error(std::string_view what) {
    return {501, {5, 5, 2}, "Syntax error in parameters or arguments: " + std::string(what)};
}
Reply line_too_long() {
    return {500, {5, 5, 2}, "Command line too long"};
}
Reply bad_line_end() {
    return {500, {5, 5, 2}, "Command line does not end with CR LF"};
}
Reply eight_bit_command() {
    return {500, {5, 5, 2}, "Command contains 8-bit characters"};
}
Reply control_character() {
    return {500, {5, 5, 2}, "Command contains control characters"};
}
Reply pipelined_too_early() {
    return {503, {5, 5, 1}, "Command sent before the reply to the one before it"};
}
Reply unknown_parameter(std::string_view keyword) {
    return {555, {5, 5, 4}, "Unsupported parameter: " + sanitised(keyword)};
}
Reply bad_parameter(std::string_view keyword) {
    return {501, {5, 5, 4}, "Bad value of parameter " + sanitised(keyword)};
}

Reply chunks_under_way() {
    return {503, {5, 5, 1}, "The message is being sent by BDAT commands."};
}
Reply transaction_under_way(std::string_view verb) {
    return {503, {5, 5, 1}, std::string(verb) + " is not allowed during a mail transaction."};
}
Reply no_hello() {
    return {503, {5, 5, 1}, "No HELO or EHLO command has been given."};
}
Reply no_mail() {
    return {503, {5, 5, 1}, "No MAIL FROM: command has been given."};
}
Reply no_recipient() {
    return {503, {5, 5, 1}, "No RCPT TO: command has been given."};
}
Reply mail_already_given() {
    return {503, {5, 5, 1}, "A MAIL FROM: command has already been given."};
}
Reply tls_required() {
    return {530, {5, 7, 0}, "Must issue a STARTTLS command first."};
}
Reply auth_required() {
    return {530, {5, 7, 0}, "No AUTH command has been given."};
}

Reply mail_accepted(bool with_options) {
    return {250, {2, 5, 0}, with_options ? "Address and options OK." : "Address OK."};
}
Reply bad_sender_syntax() {
    return {501, {5, 1, 7}, "Syntax error in the sender's address"};
}
Reply utf8_address_refused() {
    return {553, {5, 6, 7}, "Address needs SMTPUTF8"};
}
Reply recipient_accepted(std::string_view address, bool with_options) {
    return {
        250,
        {2, 1, 5},
        sanitised(address, echo_limit, true) + (with_options ? " and options OK." : " OK.")};
}
Reply bad_recipient_syntax() {
    return {501, {5, 1, 3}, "Syntax error in the recipient's address"};
}
Reply refused_by_mapping(std::string_view text, std::string_view address) {
    return about(550, {5, 7, 1}, text, address);
}
Reply unknown_alias(std::string_view address) {
    return about(550, {5, 1, 1}, "unknown or illegal alias", address);
}
Reply unknown_user(std::string_view address) {
    return about(550, {5, 1, 1}, "unknown or illegal user", address);
}
Reply unknown_host(std::string_view address) {
    return about(550, {5, 1, 2}, "unknown host or domain", address);
}
Reply too_many_recipients() {
    return {452, {4, 5, 3}, "Too many recipients specified"};
}
Reply message_refused_too_many_recipients() {
    return {550, {5, 5, 3}, "Too many recipients specified"};
}
Reply deferred_after_rejections() {
    return {450, {4, 7, 1}, "Too many rejected recipients, try again later"};
}
Reply declared_size_too_big(std::uint64_t limit) {
    return {552, {5, 3, 4}, limit_text(limit)};
}
Reply message_too_big(std::uint64_t limit) {
    return {552, {5, 2, 3}, limit_text(limit)};
}
Reply enter_mail() {
    return {354, R"(Enter mail, end with a single ".".)"};
}
Reply message_accepted(std::string_view envelope_id) {
    if (envelope_id.empty()) return ok();
    return {250, {2, 5, 0}, "Ok, envelope id " + sanitised(envelope_id)};
}
Reply chunk_accepted() {
    return {250, {2, 5, 0}, "Ok, chunk received"};
}
Reply bad_chunk_length() {
    return {501, {5, 5, 4}, "Bad chunk length"};
}
// Subject 6 is the message content (RFC 3463 section 3.7); detail 11 is what large sites answer to
// bare line ends, so that senders' operators find an explanation when they look the code up.
Reply bare_line_end_in_data() {
    return {550, {5, 6, 11}, "Message contains a CR or LF that is not part of CR LF"};
}
Reply line_too_long_in_data() {
    return {550, {5, 6, 0}, "Message contains a line longer than 1000 characters"};
}

Reply verify_possible_local(std::string_view address) {
    return {252, {2, 5, 0}, "Possible local address " + sanitised(address, echo_limit, true)};
}
Reply verify_remote_unchecked() {
    return {252, {2, 5, 0}, "Possible remote address not checked"};
}
Reply verified(std::string_view address) {
    return {250, {2, 1, 5}, sanitised(address, echo_limit, true)};
}
Reply expand_disabled() {
    return {550, {5, 7, 2}, "EXPN command has been disabled"};
}
Reply etrn_limit() {
    return {458, {4, 7, 1}, "ETRN session limit reached"};
}

Reply go_ahead_with_tls() {
    return {220, {2, 5, 0}, "Go ahead with TLS negotiation."};
}
Reply tls_already_active() {
    return {503, {5, 5, 1}, "TLS is already active."};
}
Reply auth_succeeded(std::string_view mechanism) {
    return {235, {2, 7, 0}, std::string(mechanism) + " authentication successful."};
}
Reply auth_failed() {
    return {535, {5, 7, 8}, "Bad username or password (Authentication failed)."};
}
Reply auth_needs_tls() {
    return {538, {5, 7, 11}, "Encryption required for requested authentication mechanism"};
}
Reply auth_malformed() {
    return {501, {5, 5, 2}, "Authentication exchange not understood"};
}
Reply auth_unavailable() {
    return {454, {4, 7, 0}, "Temporary authentication failure"};
}
Reply auth_too_many_failures() {
    return {454, {4, 7, 0}, "Too many failed authentications, try again later"};
}
Reply auth_cancelled() {
    return {501, {5, 7, 0}, "Authentication cancelled"};
}
Reply auth_already_done() {
    return {503, {5, 5, 1}, "Already authenticated."};
}
Reply auth_unknown_mechanism() {
    return {504, {5, 5, 4}, "Unrecognized authentication mechanism"};
}
Reply too_many_bad_auths() {
    return {421, {4, 7, 0}, "Too many failed authentications"};
}

}  // namespace sluice::smtp::replies
