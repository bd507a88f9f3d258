#include "service_log/search.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/unique_fd.h"
#include "service_log/file_name.h"

namespace sluice::service_log {

namespace {

constexpr std::size_t longest_line = 64UL << 10U;

class Searcher {
public:
    Searcher(const Filter& filter, const std::function<void(const Line&)>& found)
        : filter_(filter), found_(found) {}

    void take(std::string_view bytes) {
        for (std::size_t end = 0; (end = bytes.find('\n')) != std::string_view::npos;) {
            add(bytes.substr(0, end));
            take_line();
            bytes.remove_prefix(end + 1);
        }
        add(bytes);
    }
    void end() {
        if (!line_.empty() || too_long_) take_line();
    }
    [[nodiscard]] const SearchCount& count() const { return count_; }

private:
    void add(std::string_view part) {
        if (line_.size() + part.size() > longest_line) {
            too_long_ = true;
        } else {
            line_ += part;
        }
    }
    void take_line() {
        ++count_.lines;
        const auto line = too_long_ ? std::nullopt : parse_line(line_);
        if (!line) {
            ++count_.not_understood;
        } else if (filter_.takes(*line)) {
            ++count_.found;
            found_(*line);
        }
        line_.clear();
        too_long_ = false;
    }

    const Filter& filter_;
    const std::function<void(const Line&)>& found_;
    std::string line_;
    bool too_long_ = false;
    SearchCount count_;
};

}  // namespace

bool Filter::takes(const Line& line) const {
    if (!levels.empty() && !levels.contains(line.level)) return false;
    if (!categories.empty() && !categories.contains(line.category)) return false;
    if (from && line.time < *from) return false;
    if (to && line.time > *to) return false;
    if (!process.empty() && line.process != process) return false;
    if (pid && line.pid != *pid) return false;
    return containing.empty() || line.message.find(containing) != std::string::npos;
}

Result<std::vector<std::string>> files_of(const std::string& directory, std::string_view service) {
    namespace fs = std::filesystem;
    std::vector<RetiredFile> retired;
    std::error_code problem;
    for (fs::directory_iterator entry(directory, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        if (auto file = parse_retired_name(service, entry->path().filename().string()))
            retired.push_back(*file);
    }
    if (problem) return Error::from_errno(problem.value(), "read directory " + directory);
    std::sort(retired.begin(), retired.end(), [](const RetiredFile& a, const RetiredFile& b) {
        return a.number < b.number;
    });
    const std::string prefix = directory.ends_with('/') ? directory : directory + '/';
    std::vector<std::string> paths;
    for (const RetiredFile& file : retired) paths.push_back(prefix + retired_name(service, file));
    std::string current = prefix + std::string(service);
    if (file_exists(current)) paths.push_back(std::move(current));
    return paths;
}

Result<SearchCount> search_file(
    const std::string& path, const Filter& filter, const std::function<void(const Line&)>& found
) {
    constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const UniqueFd file(::open(path.c_str(), flags));
    if (!file) return Error::from_errno(errno, "open " + path);
    Searcher searcher(filter, found);
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error::from_errno(errno, "read " + path);
        if (count == 0) break;
        searcher.take({buffer.data(), static_cast<std::size_t>(count)});
    }
    searcher.end();
    return searcher.count();
}

}  // namespace sluice::service_log
