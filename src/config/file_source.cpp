#include "config/file_source.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "base/file.h"

namespace sluice::config {

Result<std::string> DiskFiles::read(const std::string& path) {
    const auto other = others_.find(path);
    if (other != others_.end() && !other->second) return Error::from_errno(ENOENT, "open " + path);
    auto text = read_file(other == others_.end() ? path : *other->second);
    if (text) seen_.insert_or_assign(path, *text);
    return text;
}

std::vector<std::string> DiskFiles::directories_below(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code not_known;
        std::string name = entry->path().filename().string();
        if (!name.starts_with('.') && entry->is_directory(not_known))
            names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    names.resize(std::min(names.size(), max_directories));
    return names;
}

Result<std::string> MemoryFiles::read(const std::string& path) {
    const auto found = texts_.find(path);
    if (found == texts_.end()) return Error::from_errno(ENOENT, "open " + path);
    return found->second;
}

std::vector<std::string> MemoryFiles::directories_below(const std::string& directory) {
    std::set<std::string> names;
    for (auto text = texts_.lower_bound(directory);
         text != texts_.end() && text->first.starts_with(directory); ++text) {
        const std::string_view rest = std::string_view(text->first).substr(directory.size());
        const std::size_t slash = rest.find('/');
        if (slash != std::string_view::npos) names.emplace(rest.substr(0, slash));
    }
    std::vector<std::string> sorted(names.begin(), names.end());
    sorted.resize(std::min(sorted.size(), max_directories));
    return sorted;
}

}  // namespace sluice::config
