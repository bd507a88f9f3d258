#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sluice::test {

/// An empty directory of its own, removed with the object.
class ScratchDirectory {
public:
    ScratchDirectory() {
        std::string pattern = std::filesystem::temp_directory_path() / "sluice-XXXXXX";
        if (::mkdtemp(pattern.data()) != nullptr) root_ = pattern;
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        if (!root_.empty()) std::filesystem::remove_all(root_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return root_ / name; }

private:
    std::filesystem::path root_;
};

}  // namespace sluice::test
