#pragma once

#include <cstdint>
#include <string_view>

#include "smtp/reply.h"

/// The server's fixed reply texts in one place. Operators and tests match them to the letter, so
/// they change only with a note in the change log. Foreign text passes through sanitised().
namespace sluice::smtp::replies {

// Session
Reply shutting_down();
Reply command_timeout();
Reply data_timeout();
Reply goodbye();
Reply ok();
Reply too_many_bad_commands();
Reply early_talker();
Reply too_many_messages_closing();
Reply too_many_messages();
Reply too_many_recipients_closing();
Reply too_many_rejections_closing();
Reply endless_input();

// Commands as such
Reply unknown_command(std::string_view verb);
Reply not_implemented(std::string_view verb);
Reply disabled(std::string_view verb);
Reply send_disabled();
Reply syntax_error();
Reply syntax_error(std::string_view what);
Reply line_too_long();
Reply bad_line_end();
Reply eight_bit_command();
Reply control_character();
Reply pipelined_too_early();
Reply unknown_parameter(std::string_view keyword);
Reply bad_parameter(std::string_view keyword);

// Sequence
Reply chunks_under_way();
Reply transaction_under_way(std::string_view verb);
Reply no_hello();
Reply no_mail();
Reply no_recipient();
Reply mail_already_given();
Reply tls_required();
Reply auth_required();

// Transaction; addresses without angle brackets
Reply mail_accepted(bool with_options);
Reply bad_sender_syntax();
Reply utf8_address_refused();
Reply recipient_accepted(std::string_view address, bool with_options);
Reply bad_recipient_syntax();
Reply refused_by_mapping(std::string_view text, std::string_view address);
Reply unknown_alias(std::string_view address);
Reply unknown_user(std::string_view address);
Reply unknown_host(std::string_view address);
Reply too_many_recipients();
Reply message_refused_too_many_recipients();
Reply deferred_after_rejections();
/// At MAIL, from the SIZE parameter. `limit` in octets.
Reply declared_size_too_big(std::uint64_t limit);
/// At the end of the data. `limit` in octets.
Reply message_too_big(std::uint64_t limit);
Reply enter_mail();
/// `envelope_id` may be empty.
Reply message_accepted(std::string_view envelope_id);
Reply chunk_accepted();
Reply bad_chunk_length();
Reply bare_line_end_in_data();
Reply line_too_long_in_data();

// VRFY, EXPN, ETRN
Reply verify_possible_local(std::string_view address);
Reply verify_remote_unchecked();
Reply verified(std::string_view address);
Reply expand_disabled();
Reply etrn_limit();

// STARTTLS, AUTH
Reply go_ahead_with_tls();
Reply tls_already_active();
Reply auth_succeeded(std::string_view mechanism);
Reply auth_failed();
Reply auth_needs_tls();
Reply auth_malformed();
Reply auth_unavailable();
Reply auth_too_many_failures();
Reply auth_cancelled();
Reply auth_already_done();
Reply auth_unknown_mechanism();
Reply too_many_bad_auths();

}  // namespace sluice::smtp::replies
