#include "meter/snapshot.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"

namespace sluice::meter {

namespace {

constexpr std::string_view title = "meter tables 1\n";

Error damaged(const char* what) {
    return Error::permanent({5, 3, 5}, "tables not readable", what);
}

/// "12:octets".
void append(std::string& out, std::string_view octets) {
    out += std::to_string(octets.size());
    out += ':';
    out += octets;
}

std::optional<std::string_view> next_string(std::string_view& rest) {
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto size = parse_unsigned(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
    if (!size || *size > rest.size()) return std::nullopt;
    const std::string_view octets = rest.substr(0, *size);
    rest.remove_prefix(*size);
    return octets;
}

std::string hash_line(std::string_view octets) {
    return "end " + to_hex(XXH3_64bits(octets.data(), octets.size())) + '\n';
}

}  // namespace

std::string with_hash(std::string text) {
    text += hash_line(text);
    return text;
}

std::string encode_snapshot(const std::vector<SavedEntry>& entries) {
    std::string out(title);
    for (const SavedEntry& entry : entries) {
        append(out, entry.table);
        append(out, entry.key);
        append(out, encode(entry.record));
        out += '\n';
    }
    return with_hash(std::move(out));
}

Result<std::vector<SavedEntry>> decode_snapshot(std::string_view octets) {
    if (!octets.starts_with(title)) return damaged("unknown title");
    const auto end = octets.rfind("end ");
    if (end == std::string_view::npos || octets.substr(end) != hash_line(octets.substr(0, end)))
        return damaged("hash does not match");
    std::string_view rest = octets.substr(title.size(), end - title.size());
    std::vector<SavedEntry> entries;
    while (!rest.empty()) {
        const auto table = next_string(rest);
        const auto key = table ? next_string(rest) : std::nullopt;
        const auto record = key ? next_string(rest) : std::nullopt;
        const auto decoded = record ? decode(*record) : std::nullopt;
        if (!decoded || !rest.starts_with('\n')) return damaged("an entry is not readable");
        rest.remove_prefix(1);
        entries.push_back({std::string(*table), std::string(*key), *decoded});
    }
    return entries;
}

}  // namespace sluice::meter
