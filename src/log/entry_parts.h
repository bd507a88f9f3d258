#pragma once

#include <cstdint>
#include <string>

#include "log/event.h"
#include "log/log_options.h"

// What an entry says, whatever its form: text, XML or JSON (logging.md sections 2 to 5). Pure.
namespace sluice::log {

/// "E", "DSA": the action letter and, in canonical order E S A C L P U, the modifiers. Without
/// LOG_MODIFIERS S and A are shown behind B, D and E only, as the 2005 generation has it.
[[nodiscard]] std::string entry_code(const Event& event, bool all_modifiers);
/// BLOCK_SIZE blocks, rounded up; 0 where no message exists.
[[nodiscard]] std::uint64_t entry_blocks(const Event& event, std::uint64_t block_size);
/// "1e488.0", "1f625.2.0".
[[nodiscard]] std::string entry_process(const ProcessTag& tag);
/// The system a message came from, or went to where connections are logged too; sanitised.
[[nodiscard]] std::string entry_connection(const Event& event, const LogOptions& options);
/// LOG_SESSION: the session's number, in C entries also its messages and their octets:
/// "17/3/40960".
[[nodiscard]] std::string entry_session(const Event& event);
/// LOG_TIMING: milliseconds that the session, the transaction or the delivery attempt took.
[[nodiscard]] std::string entry_timing(const Event& event);
/// Whether LOG_REASON shows its field in this entry.
[[nodiscard]] bool has_reason(const Event& event, const LogOptions& options);
/// Whether the text of a PORT_ACCESS entry belongs to this entry's diagnostic.
[[nodiscard]] bool has_access_text(const Event& event, const LogOptions& options);

}  // namespace sluice::log
