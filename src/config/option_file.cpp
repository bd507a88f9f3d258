#include "config/option_file.h"

#include <sys/stat.h>

#include "base/bytes.h"

namespace sluice::config {

const Setting* Section::find(std::string_view wanted) const {
    const Setting* found = nullptr;
    for (const auto& setting : settings) {
        if (equals_ignoring_case(setting.name, wanted)) found = &setting;
    }
    return found;
}

std::vector<const Setting*> Section::find_all(std::string_view wanted) const {
    std::vector<const Setting*> found;
    for (const auto& setting : settings) {
        if (equals_ignoring_case(setting.name, wanted)) found.push_back(&setting);
    }
    return found;
}

Result<OptionFile> load_option_file(
    FileSource& files,
    const std::string& path,
    const OptionDialect& dialect,
    Diagnostics& diagnostics
) {
    auto text = files.read(path);
    if (!text) return std::move(text).error();
    return parse_option_file(*text, path, dialect, diagnostics);
}

bool check_not_world_writable(const std::string& path, Diagnostics& diagnostics) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IWOTH) == 0) return true;
    diagnostics.error(
        {std::make_shared<const std::string>(path), 1, 1}, "E404",
        "anybody may write to this file; it is refused", {}, "chmod o-w " + path
    );
    return false;
}

SourceLocation column_of(SourceLocation where, std::size_t column) {
    where.column = column;
    return where;
}

}  // namespace sluice::config
