#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sluice::config {

/// Where configuration readers get their texts from: the disk, or the texts kept in a published
/// image. Readers never open files themselves, so that an image holds exactly what they read.
class FileSource {
public:
    FileSource() = default;
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;
    virtual ~FileSource() = default;
    /// The whole text of the file; an Error with errno ENOENT where there is none.
    virtual Result<std::string> read(const std::string& path) = 0;
    /// Names of the directories below `directory` (which ends in "/"), sorted, at most
    /// max_directories; none where it cannot be read. An image knows those that files were read
    /// from.
    virtual std::vector<std::string> directories_below(const std::string& /*directory*/) {
        return {};
    }
    static constexpr std::size_t max_directories = 100;
};

/// Reads the disk and remembers what it read (and what was not there), for the image.
class DiskFiles final : public FileSource {
public:
    /// Whoever asks for `path` gets what is in `other`; nothing where that is nullopt.
    void put_in_place(const std::string& path, std::optional<std::string> other) {
        others_.insert_or_assign(path, std::move(other));
    }
    Result<std::string> read(const std::string& path) override;
    std::vector<std::string> directories_below(const std::string& directory) override;
    /// Every file read so far, by the path it was asked for.
    [[nodiscard]] const std::map<std::string, std::string>& seen() const { return seen_; }

private:
    std::map<std::string, std::string> seen_;
    std::map<std::string, std::optional<std::string>> others_;
};

/// Texts in memory: the contents of an image, or a test's files.
class MemoryFiles final : public FileSource {
public:
    explicit MemoryFiles(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}
    Result<std::string> read(const std::string& path) override;
    std::vector<std::string> directories_below(const std::string& directory) override;

private:
    std::map<std::string, std::string> texts_;
};

}  // namespace sluice::config
