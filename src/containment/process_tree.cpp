#include "containment/process_tree.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/deleter.h"

namespace sluice::containment {

namespace {

struct ProcessFacts {
    pid_t parent = 0;
    bool is_dead = false;
    std::uint64_t memory = 0;
};

// "pid (name) state ppid ... rss": the name may hold anything, so the last parenthesis counts.
bool read_facts(const std::string& pid, ProcessFacts& facts) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string line;
    if (!std::getline(file, line)) return false;
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos) return false;
    const auto words = split_words(std::string_view(line).substr(end + 1));
    constexpr std::size_t state = 0;
    constexpr std::size_t parent = 1;
    constexpr std::size_t resident = 21;
    if (words.size() <= resident) return false;
    facts.is_dead = words[state] == "Z" || words[state] == "X";
    facts.parent = static_cast<pid_t>(parse_unsigned(words[parent]).value_or(0));
    facts.memory = parse_unsigned(words[resident]).value_or(0) *
                   static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return true;
}

}  // namespace

TreeUse processes_below(pid_t root) {
    std::map<pid_t, ProcessFacts> all;
    const std::unique_ptr<DIR, Deleter<::closedir>> directory(::opendir("/proc"));
    while (directory) {
        const dirent* entry = ::readdir(directory.get());  // NOLINT(concurrency-mt-unsafe): ours
        if (entry == nullptr) break;
        const auto pid = parse_unsigned(entry->d_name);
        ProcessFacts facts;
        if (pid && read_facts(entry->d_name, facts)) all[static_cast<pid_t>(*pid)] = facts;
    }
    TreeUse use;
    for (const auto& [pid, facts] : all) {
        if (facts.is_dead) continue;
        // A tree of processes is no deeper than it has members; a changing one might go in a
        // circle.
        pid_t above = facts.parent;
        for (std::size_t steps = all.size(); above != root && above > 0 && steps > 0; --steps) {
            const auto found = all.find(above);
            above = found != all.end() ? found->second.parent : 0;
        }
        if (above != root) continue;
        use.processes.push_back(pid);
        use.memory += facts.memory;
    }
    return use;
}

namespace {

thread_local DiskUse* disk_sum = nullptr;

int add_file(const char*, const struct stat* status, int, FTW*) {
    constexpr std::uint64_t block = 512;
    disk_sum->total += static_cast<std::uint64_t>(status->st_blocks) * block;
    if (S_ISREG(status->st_mode))
        disk_sum->largest =
            std::max(disk_sum->largest, static_cast<std::uint64_t>(status->st_size));
    return 0;
}

}  // namespace

DiskUse disk_use(const char* directory) {
    DiskUse use;
    disk_sum = &use;
    constexpr int descriptors = 16;
    ::nftw(directory, add_file, descriptors, FTW_PHYS | FTW_MOUNT);
    disk_sum = nullptr;
    return use;
}

}  // namespace sluice::containment
