#include "service_log/file_name.h"

#include <limits>

#include "base/bytes.h"

namespace sluice::service_log {

std::string retired_name(std::string_view service, const RetiredFile& file) {
    return std::string(service) + '.' + std::to_string(file.number) + '.' +
           std::to_string(file.created);
}

std::optional<RetiredFile> parse_retired_name(std::string_view service, std::string_view name) {
    if (!name.starts_with(service)) return std::nullopt;
    const auto parts = split(name.substr(service.size()), '.');
    if (parts.size() != 3 || !parts[0].empty()) return std::nullopt;
    const auto number = parse_unsigned(parts[1]);
    const auto created = parse_unsigned(parts[2]);
    constexpr auto latest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!number || *number > highest_number || !created || *created > latest) return std::nullopt;
    return RetiredFile{*number, static_cast<std::int64_t>(*created), 0};
}

}  // namespace sluice::service_log
