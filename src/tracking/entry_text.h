#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "log/event.h"

// The small texts that native entries are made of, read back. Pure.
namespace sluice::tracking {

/// Letters of message entries, those of MAILSERV, printer and pager channels of PMDF included.
inline constexpr std::string_view message_letters = "BDEHJKMNQRVWZFS";
inline constexpr std::string_view connection_letters = "OCXYIUTA";

/// "DSA": an action letter and modifiers; which of them are known is kept in the event.
[[nodiscard]] bool is_code(std::string_view word, std::string_view letters);
/// Kind and modifiers of a code. F is a temporary failure, S a success, A a failed authentication
/// among connection entries.
void apply_code(std::string_view code, bool is_connection, log::Event& event);
/// "1e488.0", "1f625.2.0"; nullopt for anything else.
[[nodiscard]] std::optional<log::ProcessTag> parse_process(std::string_view word);
/// "TCP|lip|lport|rip|rport"
[[nodiscard]] std::optional<log::Transport> parse_transport(std::string_view word);
/// "name (reverse [ip])" and its shorter forms.
[[nodiscard]] log::SourceSystem parse_source(std::string_view text);
/// "rfc822;address" into the two fields of the event.
void apply_original_recipient(std::string_view text, log::Event& event);
/// "<id>" or "<new>,<original>".
void apply_message_ids(std::string_view text, log::Event& event);
/// Reply code and status from the text of a diagnostic, for those who ask why.
void apply_status(log::Event& event);
/// Milliseconds of LOG_TIMING; what nobody waits for, more than 30 years, is as good as that.
[[nodiscard]] std::chrono::milliseconds measured_time(std::uint64_t count);
/// Whether the word is the name of a queue file: ".../ZZ01ISKP0S0LVQ94DU0K.00".
[[nodiscard]] bool is_queue_file(std::string_view word);
/// What stays the same through all attempts: the base name without attempt prefix and ending.
[[nodiscard]] std::string_view unique_part(std::string_view file_name);

}  // namespace sluice::tracking
