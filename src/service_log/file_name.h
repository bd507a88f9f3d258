#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::service_log {

/// A retired file: "imap.63.915107696" is number 63 of service imap, begun at that time. Numbers
/// grow for the life of the installation.
struct RetiredFile {
    std::uint64_t number = 0;
    std::int64_t created = 0;  ///< seconds since 1970
    std::uint64_t size = 0;    ///< bytes; not part of the name

    friend bool operator==(const RetiredFile&, const RetiredFile&) = default;
};

/// No file has a higher number, so that the next one can be counted.
inline constexpr std::uint64_t highest_number = 1ULL << 62U;

[[nodiscard]] std::string retired_name(std::string_view service, const RetiredFile& file);
/// nullopt: not a retired file of this service. `size` stays 0.
[[nodiscard]] std::optional<RetiredFile> parse_retired_name(
    std::string_view service, std::string_view name
);

}  // namespace sluice::service_log
