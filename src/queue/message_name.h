#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

// Names of message files: attempts, unique part, suffix ("ZZ84PHKX1L3Q0A0001.00"). The names are
// what operators see and sort by; everything here is pure. Layout: docs/formats/queue-file.md.
namespace sluice::queue {

/// The attempt count saturates here; its prefix is then "00".
inline constexpr unsigned max_attempts = 1295;
inline constexpr std::size_t max_unique_length = 32;
/// Highest number of sub-directories of a channel (keyword `subdirs`).
inline constexpr unsigned max_subdirs = 999;

enum class MessageState {
    eligible,  ///< two letters or digits, normally "00"
    held,      ///< ".HELD": never tried until released
    bad,       ///< ".BAD": could not be read, set aside
};

/// A message file's name taken apart. Views point into the text that was parsed.
struct MessageNameView {
    unsigned attempts = 0;
    std::string_view unique;
    std::string_view suffix;
    [[nodiscard]] MessageState state() const;
};

/// nullopt: the name fits no pattern; such files are left alone and reported.
std::optional<MessageNameView> parse_message_name(std::string_view file_name);

/// A message file's name, owned.
struct MessageName {
    unsigned attempts = 0;  ///< failed delivery attempts so far
    std::string unique;     ///< never changes while the message copy lives
    std::string suffix = "00";

    static std::optional<MessageName> parse(std::string_view file_name);
    [[nodiscard]] MessageState state() const;
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const MessageName&, const MessageName&) = default;
};

/// Failed attempts as two complemented base-36 digits: 0 is "ZZ", 1 "ZY", 1295 and more "00".
std::string format_attempts(unsigned attempts);
std::optional<unsigned> parse_attempts(std::string_view two_digits);

/// 1 to 32 letters or digits.
[[nodiscard]] bool is_unique_part(std::string_view text);
/// When a message with a unique part of our own making arrived; nullopt for foreign unique parts.
std::optional<WallTime> arrival_time(std::string_view unique);

/// Number of the sub-directory for a unique part, so that any tool finds a file from its id: the
/// time in it, counted in slots of 8192 microseconds, modulo `subdirs`; for a foreign unique part
/// its FNV-1a hash (64 bits) instead. Messages that arrive together share a directory, and so the
/// sync of it. `subdirs` 0 counts as 1.
[[nodiscard]] unsigned sub_directory_for(std::string_view unique, unsigned subdirs);
/// Three decimal digits, "007".
std::string sub_directory_name(unsigned number);
[[nodiscard]] bool is_sub_directory_name(std::string_view name);
/// A name that may be a channel's directory: letters, digits, '_', '-', '.', not first a '.'.
[[nodiscard]] bool is_channel_directory_name(std::string_view name);

/// Where a message file lies below the queue root.
struct MessageLocation {
    std::string channel;
    std::string sub_directory;  ///< "000"; empty for files directly in the channel's directory
    MessageName name;

    /// "<root>/<channel>/<nnn>"
    [[nodiscard]] std::string directory(std::string_view root) const;
    [[nodiscard]] std::string path(std::string_view root) const;
    /// "<channel>/<nnn>/<name>": what logs, listings and the job controller show.
    [[nodiscard]] std::string relative_path() const;
    /// Takes "<channel>/<nnn>/<name>" or "<channel>/<name>" apart.
    static std::optional<MessageLocation> parse(std::string_view relative_path);
    friend bool operator==(const MessageLocation&, const MessageLocation&) = default;
};

}  // namespace sluice::queue
