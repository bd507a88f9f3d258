#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::test {

/// A directory with the shipped configuration, a queue and a log directory: an instance without
/// daemons. Removed with the object.
class InstanceDirectory {
public:
    explicit InstanceDirectory(const std::string& name)
        : root_(
              std::filesystem::temp_directory_path() / (name + '.' + std::to_string(::getpid()))
          ) {
        std::filesystem::remove_all(root_);
        for (const char* directory : {"config", "queue", "log", "run", "store", "tmp", "lib"}) {
            std::filesystem::create_directories(root_ / directory);
        }
        std::filesystem::permissions(root_ / "queue", std::filesystem::perms::owner_all);
        for (const auto& entry : std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/config")) {
            if (entry.is_regular_file()) {
                std::filesystem::copy(entry.path(), root_ / "config" / entry.path().filename());
            }
        }
        write("config/imta_tailor", "! all defaults\n");
        write("config/local_users", "adam\npostmaster\n");
    }
    ~InstanceDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    InstanceDirectory(const InstanceDirectory&) = delete;
    InstanceDirectory& operator=(const InstanceDirectory&) = delete;

    [[nodiscard]] std::string tailor() const { return root_ / "config/imta_tailor"; }
    [[nodiscard]] std::string path(const std::string& name) const { return root_ / name; }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(root_ / name) << text;
    }
    void append(const std::string& name, const std::string& text) const {
        std::ofstream(root_ / name, std::ios::app) << text;
    }
    /// Empty where there is no such file.
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(root_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    std::filesystem::path root_;
};

}  // namespace sluice::test
