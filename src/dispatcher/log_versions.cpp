#include "dispatcher/log_versions.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/log.h"

namespace sluice::dispatcher {

namespace {

struct Version {
    std::uint64_t time = 0;
    std::uint64_t number = 0;
    std::string name;

    friend bool operator<(const Version& left, const Version& right) {
        return std::pair(left.time, left.number) < std::pair(right.time, right.number);
    }
};

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value, 16);
    if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return value;
}

std::optional<Version> version_of(const std::string& name, std::string_view base) {
    std::string_view rest = name;
    if (!rest.starts_with(base) || rest.substr(base.size(), 1) != "-") return std::nullopt;
    rest.remove_prefix(base.size() + 1);
    const std::size_t dash = rest.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto time = parse_hex(rest.substr(0, dash));
    const auto number = parse_hex(rest.substr(dash + 1));
    if (!time || !number) return std::nullopt;
    return Version{*time, *number, name};
}

}  // namespace

std::vector<std::string> surplus_versions(
    const std::vector<std::string>& names,
    std::string_view base,
    std::size_t limit,
    const std::set<std::string>& in_use
) {
    std::vector<Version> versions;
    for (const std::string& name : names) {
        auto version = version_of(name, base);
        if (version && !in_use.contains(name)) versions.push_back(std::move(*version));
    }
    std::sort(versions.begin(), versions.end());
    std::vector<std::string> surplus;
    for (std::size_t i = 0; i + limit < versions.size(); ++i)
        surplus.push_back(std::move(versions[i].name));
    return surplus;
}

void remove_surplus_versions(
    const std::string& log_file, std::size_t limit, const std::set<std::string>& in_use
) {
    namespace fs = std::filesystem;
    const fs::path path(log_file);
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator entry(path.parent_path(), problem), end; !problem && entry != end;
         entry.increment(problem)) {
        names.push_back(entry->path().filename().string());
    }
    if (problem) {
        diag::warning("old logs not removed: " + problem.message());
        return;
    }
    std::set<std::string> used;
    for (const std::string& file : in_use) used.insert(fs::path(file).filename().string());
    for (const std::string& name : surplus_versions(names, path.filename().string(), limit, used)) {
        const std::string old = (path.parent_path() / name).string();
        if (::unlink(old.c_str()) != 0 && errno != ENOENT)
            diag::warning(Error::from_errno(errno, "remove " + old).detail());
    }
}

}  // namespace sluice::dispatcher
