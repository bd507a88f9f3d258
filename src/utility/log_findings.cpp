#include "utility/log_findings.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "enqueue/event_sinks.h"

namespace sluice::utility {

namespace {

using config::OptionId;

/// Why files cannot be made in the directory, or the directory where it is not there yet; empty:
/// they can.
std::string obstacle(const std::string& directory) {
    if (!directory.starts_with('/')) return "is not an absolute path";
    std::filesystem::path place(directory);
    std::error_code failed;
    while (!std::filesystem::exists(place, failed) && !failed && place != place.parent_path())
        place = place.parent_path();
    if (!failed && !std::filesystem::is_directory(place, failed))
        return place.string() + " is no directory";
    if (::faccessat(AT_FDCWD, place.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
    return "cannot be written to: " + Error::from_errno(errno, place.string()).detail();
}

}  // namespace

void check_log_places(const config::Configuration& configuration, lint::Findings& findings) {
    const config::Options& options = configuration.options;
    if (!options.boolean(OptionId::log_postoffice)) return;
    const std::string directory = enqueue::postoffice_directory(configuration);
    const std::string why = obstacle(directory);
    if (why.empty()) return;
    const bool is_named = options.is_set(OptionId::log_postoffice_dir);
    const OptionId id = is_named ? OptionId::log_postoffice_dir : OptionId::log_postoffice;
    findings.add(
        lint::Code::unusable_log_directory, options.where(id),
        "directory of the Post.Office log, " + directory + ": " + why
    );
}

}  // namespace sluice::utility
