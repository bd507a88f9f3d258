// multilog_victim DIRECTORY NAME COUNT: writes so many numbered lines to the log directory, whose
// files are small, and says the number of each once it is in its file.
#include <unistd.h>

#include <string>

#include "base/bytes.h"
#include "multilog/log_directory.h"

int main(int argc, char** argv) {
    using namespace sluice;
    const auto count = argc == 4 ? parse_unsigned(argv[3]) : std::nullopt;
    if (!count) return 2;
    multilog::DirectorySettings settings;
    settings.path = argv[1];
    settings.size = 500;
    settings.old_files = 100'000;
    multilog::LogDirectory log(settings);
    for (std::uint64_t i = 0; i < *count; ++i) {
        log.post(std::string(argv[2]) + ' ' + std::to_string(i) + " whole\n");
        log.flush();
        const std::string said = std::to_string(i) + '\n';
        if (::write(STDOUT_FILENO, said.data(), said.size()) < 0) return 1;
    }
    return 0;
}
