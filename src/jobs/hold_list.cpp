#include "jobs/hold_list.h"

#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/file_lock.h"

namespace sluice::jobs {

namespace {

constexpr std::size_t largest_list = 1UL << 20U;

}  // namespace

std::string hold_list_path(std::string_view root) {
    while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
    return std::string(root) + "/.stopped";
}

Result<HoldList> read_hold_list(const std::string& path) {
    const auto text = read_file(path, largest_list);
    if (!text) {
        if (text.error().error_number() == ENOENT) return HoldList();
        return text.error();
    }
    HoldList channels;
    for (const std::string_view line : split(*text, '\n')) {
        const std::string_view name = trim(line);
        if (!name.empty() && name.front() != '!') channels.insert(to_lower(name));
    }
    return channels;
}

Result<bool> change_hold_list(const std::string& path, std::string_view channel, bool stopped) {
    const auto turn = lock_file(path + "_lock");
    if (!turn) return turn.error();
    auto channels = read_hold_list(path);
    if (!channels) return std::move(channels).error();
    const bool changed =
        stopped ? channels->emplace(channel).second : channels->erase(std::string(channel)) > 0;
    if (!changed) return false;
    std::string text;
    for (const std::string& name : *channels) text += name + '\n';
    if (auto replaced = replace_file(path, text, 0600); !replaced) return replaced.error();
    return true;
}

}  // namespace sluice::jobs
