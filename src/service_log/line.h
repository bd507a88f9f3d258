#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.h"

// Service logs, in the style of the message store: what a service (imta, admin ...) did, one event
// a line, by category and level, in files of their own that rotate by themselves (spec: service
// logs; manual page service_log(5)). This file knows lines, not files. Pure.
namespace sluice::service_log {

/// Most severe first; a level includes all before it.
enum class Level : std::uint8_t {
    emergency,
    alert,
    critical,
    error,
    warning,
    notice,
    information,
    debug
};
/// As it stands in a line: "Notice".
[[nodiscard]] std::string_view name_of(Level level);
/// In any case, as a configuration has it.
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);
/// Level of syslog(3), 0 to 7.
[[nodiscard]] int syslog_level(Level level);

enum class Category : std::uint8_t { general, ldap, network, account, protocol, statistics, store };
[[nodiscard]] std::string_view name_of(Category category);
[[nodiscard]] std::optional<Category> parse_category(std::string_view text);

struct Line {
    WallTime time{};
    std::string host;     ///< short name
    std::string process;  ///< program
    std::uint64_t pid = 0;
    Category category = Category::general;
    Level level = Level::notice;
    std::string message;  ///< may hold foreign text

    friend bool operator==(const Line&, const Line&) = default;
};

/// "[31/Aug/2004:16:33:14 -0700] vadar ims_master[13822]: Store Information: text", ended by a line
/// feed. Whatever is not printable ASCII is shown as \xHH, so that a line is a line.
[[nodiscard]] std::string format_line(const Line& line, const TimeZone& zone);
/// What follows the time: the text for syslog, which has a time and a process of its own.
[[nodiscard]] std::string format_event(const Line& line);
/// Takes a line without its line feed apart, as this product or a message store wrote it; the time
/// with or without brackets. nullopt for anything else. The time is exact to the second.
[[nodiscard]] std::optional<Line> parse_line(std::string_view text);

/// Printable ASCII stays, the rest becomes \xHH.
[[nodiscard]] std::string plain_text(std::string_view text);

}  // namespace sluice::service_log
