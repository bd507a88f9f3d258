#include "containment/program_rights.h"

#include <algorithm>

namespace sluice::containment {

namespace {

/// Whether `path` is `directory` or below it.
bool is_below(std::string_view path, std::string_view directory) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.remove_suffix(1);
    if (directory == "/") return true;
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/');
}

bool covers(const std::vector<std::string>& directories, std::string_view path) {
    return std::any_of(directories.begin(), directories.end(), [&](const std::string& directory) {
        return is_below(path, directory);
    });
}

using namespace place;  // the words of the rows
using namespace tcp;
using namespace host;

}  // namespace

const std::vector<ProgramRow>& all_programs() {
    // clang-format off
    static const std::vector<ProgramRow> rows = {
#define SLUICE_PROGRAM(name, read, written, network, hosts) {#name, read, written, network, hosts},
#include "containment/programs.inc"
#undef SLUICE_PROGRAM
    };
    // clang-format on
    return rows;
}

const ProgramRow* find_program(std::string_view name) {
    const auto& rows = all_programs();
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const ProgramRow& row) {
        return row.name == name;
    });
    return found != rows.end() ? &*found : nullptr;
}

std::string missing_right(const Rights& held, const Rights& wanted) {
    std::vector<std::string> updated = held.update;
    updated.insert(updated.end(), held.written.begin(), held.written.end());
    std::vector<std::string> readable = held.read;
    readable.insert(readable.end(), updated.begin(), updated.end());
    for (const std::string& path : wanted.read) {
        if (!covers(readable, path)) return path + " is not readable";
    }
    for (const std::string& path : wanted.update) {
        if (!covers(updated, path)) return path + " is not writable";
    }
    for (const std::string& path : wanted.written) {
        if (!covers(held.written, path)) return path + " is not writable";
    }
    if (wanted.connects && !held.connects) return "TCP is not to be used";
    for (const std::string& host : wanted.hosts) {
        if (std::find(held.hosts.begin(), held.hosts.end(), host) == held.hosts.end())
            return host + " cannot be started";
    }
    return {};
}

}  // namespace sluice::containment
